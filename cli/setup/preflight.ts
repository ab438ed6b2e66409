import { readFileSync, statfsSync } from "node:fs";
import { arch, freemem, platform } from "node:os";
import { locate } from "./onPath.ts";
import { LIMITS, run } from "../../system/process.ts";

/** What a set-up is about to do. */
export interface Requirements {
    /** The cache directory. */
    cache: string;
    /** Something must be built with Go. */
    build: boolean;
    /** What only root may do, as it ends the sentence "root is needed to ...". */
    asRoot: string[];
    /** Free disk space that it takes, in GiB. */
    disk: number;
    /** Free memory that it takes, in GiB. */
    memory: number;
}

/** What a set-up finds on this machine. */
export interface Machine {
    platform: string;
    arch: string;
    /** Text of /etc/os-release. */
    release: string;
    root: boolean;
    /** Free disk space for the cache, in GiB. */
    disk: number;
    /** Memory that can be had, in GiB. */
    memory: number;
    /** Version of Go, like `1.26.8`; undefined if it is not installed. */
    go: string | undefined;
}

const GIBIBYTE = 2 ** 30;

/** Go is new enough from here on: it fetches a newer Go by itself where a module asks for one. */
const GO = [1, 24] as const;

export async function thisMachine(cache: string): Promise<Machine> {
    const space = statfsSync(cache);
    return {
        platform: platform(),
        arch: arch(),
        release: text("/etc/os-release"),
        root: process.getuid?.() === 0,
        disk: (space.bavail * space.bsize) / GIBIBYTE,
        memory: freemem() / GIBIBYTE,
        go: locate("go") && (await goVersion()),
    };
}

/** Everything that stands in the way, each with its fix. */
export function problems(requirements: Requirements, machine: Machine): string[] {
    const found: string[] = [];
    if (machine.platform !== "linux" || machine.arch !== "x64") {
        found.push(
            `This is ${machine.platform} on ${machine.arch}; multinet is for Linux on amd64. Use a Debian or ` +
                "Ubuntu machine or virtual machine of that kind.",
        );
    } else if (!/^(ID|ID_LIKE)=.*(debian|ubuntu)/m.test(machine.release)) {
        found.push(
            "This is neither Debian nor Ubuntu, whose packages multinet uses. Use one of them, or install the " +
                "tools yourself and use pulumi directly.",
        );
    }
    if (requirements.asRoot.length > 0 && !machine.root) {
        found.push(
            `Root is needed to ${list(requirements.asRoot)}. Run the same command as root or with sudo, and from then ` +
                "on every command of this checkout, whose files will belong to root.",
        );
    }
    if (requirements.build && !isRecent(machine.go)) {
        found.push(
            `${machine.go ? `Go ${machine.go} is too old` : "Go is not installed"}, and something must be built ` +
                `because it can neither be found nor downloaded here. Install Go ${GO.join(".")} or later (go.dev/dl, ` +
                "or your site's mirror) and put it on PATH.",
        );
    }
    if (machine.disk < requirements.disk) {
        found.push(
            `${requirements.disk} GiB of disk space are needed in ${requirements.cache}, ${machine.disk.toFixed(1)} GiB are free. ` +
                "Make room, or set MULTINET_CACHE to a new directory on a larger disk.",
        );
    }
    if (machine.memory < requirements.memory) {
        found.push(
            `${requirements.memory} GiB of memory are needed, ${machine.memory.toFixed(1)} GiB are free. Stop something, or ` +
                "use a larger machine.",
        );
    }
    return found;
}

function isRecent(version: string | undefined): boolean {
    if (!version) {
        return false;
    }
    const [major = 0, minor = 0] = version.split(".").map(Number);
    return major > GO[0] || (major === GO[0] && minor >= GO[1]);
}

async function goVersion(): Promise<string | undefined> {
    // GOTOOLCHAIN=local: the installed one, not one that it would fetch.
    const answer = await run("go", ["env", "GOVERSION"], {
        env: { GOTOOLCHAIN: "local" },
        limit: LIMITS.answer,
    });
    return /go(\d+(\.\d+)*)/.exec(answer)?.[1];
}

function list(items: string[]): string {
    return items.length < 2 ? items.join() : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}

function text(file: string): string {
    try {
        return readFileSync(file, "utf8");
    } catch {
        return "";
    }
}
