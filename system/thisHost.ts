import { HOSTS, hostOf, type Host } from "../plan/hosts.ts";

/** The kind of machine this is. Others than those in the table are refused before anything is downloaded for them. */
export function thisHost(): Host {
    return hostOf(process.platform, process.arch) ?? HOSTS["linux-x64"];
}
