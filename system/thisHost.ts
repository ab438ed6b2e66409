import { readFileSync } from "node:fs";
import { capabilities, type Host } from "../plan/host.ts";

/** The machine that this process runs on. */
export const HOST: Host = {
    platform: process.platform,
    arch: process.arch,
    release: text("/etc/os-release"),
};

/** What it can do. */
export const CAPABILITIES = capabilities(HOST);

function text(file: string): string {
    try {
        return readFileSync(file, "utf8");
    } catch {
        return "";
    }
}
