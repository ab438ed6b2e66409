import { TARGETS, targetOf, type Target } from "../plan/targets.ts";

/** The kind of machine this is. Others than those in the table are refused before anything is downloaded for them. */
export function thisTarget(): Target {
    return targetOf(process.platform, process.arch) ?? TARGETS["linux-x64"];
}
