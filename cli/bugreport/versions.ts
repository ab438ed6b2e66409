import { cpus, release, totalmem } from "node:os";
import { readFileSync } from "node:fs";
import { LIMITS, run } from "../../system/process.ts";
import { PROJECT } from "../project.ts";

/** What `info` of an engine says that matters; the rest may name registries and proxies with logins. */
const ENGINE = [
    "ServerVersion",
    "OperatingSystem",
    "KernelVersion",
    "Architecture",
    "Driver",
    "CgroupDriver",
    "CgroupVersion",
    "SecurityOptions",
    "DefaultRuntime",
    "DockerRootDir",
    "Warnings",
    "host",
    "version",
] as const;

/** Versions of all that takes part; a program that does not answer has its error in place of one. */
export async function versions(engine: string, env: NodeJS.ProcessEnv): Promise<object> {
    const say = (program: string, ...args: string[]) =>
        run(program, args, { cwd: PROJECT, env, limit: LIMITS.answer }).then(
            (text) => text.trimEnd(),
            (error: Error) => error.message,
        );
    const [commit, changed, pulumi, kind, kubectl, info] = await Promise.all([
        say("git", "rev-parse", "HEAD"),
        say("git", "status", "--porcelain"),
        say("pulumi", "version"),
        say("kind", "version"),
        say("kubectl", "version", "--client"),
        say(engine, "info", "--format", "{{json .}}"),
    ]);
    return {
        commit,
        changed: changed === "" ? [] : changed.split("\n"),
        node: process.version,
        pulumi,
        kind,
        kubectl,
        engine: engineInfo(info),
        kernel: release(),
        platform: `${process.platform} ${process.arch}`,
        processors: cpus().length,
        memory: totalmem(),
        os: osRelease(),
    };
}

function engineInfo(text: string): unknown {
    try {
        const info = JSON.parse(text) as Record<string, unknown>;
        return Object.fromEntries(ENGINE.flatMap((key) => (key in info ? [[key, info[key]]] : [])));
    } catch {
        return text.split("\n").at(-1); // why there is none
    }
}

function osRelease(): string {
    try {
        return readFileSync("/etc/os-release", "utf8");
    } catch {
        return "unknown"; // not Linux
    }
}
