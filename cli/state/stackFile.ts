import { existsSync, readFileSync } from "node:fs";
import { parse } from "yaml";
import type { RuntimeName } from "../../provider/runtime/runtime.ts";
import { PROJECT_NAME } from "./stack.ts";

const PREFIX = `${PROJECT_NAME}:`;

/** This project's keys in a stack's configuration file, without the prefix; none if there is no such file. */
export function stackConfig(configFile: string): Record<string, unknown> {
    if (!existsSync(configFile)) {
        return {};
    }
    return configOf(yaml(configFile) ?? {});
}

/** The same of what such a file says. */
export function configOf({ config }: { config?: unknown }): Record<string, unknown> {
    return Object.fromEntries(
        Object.entries(config ?? {})
            .filter(([key]) => key.startsWith(PREFIX))
            .map(([key, value]) => [key.slice(PREFIX.length), object(value)]),
    );
}

/** The runtime that a stack's configuration names, else docker. */
export function runtimeOf(configFile: string): RuntimeName {
    return stackConfig(configFile)["runtime"] === "podman" ? "podman" : "docker";
}

function yaml(file: string): unknown {
    try {
        return parse(readFileSync(file, "utf8"));
    } catch (error) {
        throw new Error(`${file} cannot be read: ${(error as Error).message}`, { cause: error });
    }
}

/** `pulumi config set` without `--path` writes a map as the text it was given: JSON. */
function object(value: unknown): unknown {
    if (typeof value !== "string" || !value.trimStart().startsWith("{")) {
        return value;
    }
    try {
        return JSON.parse(value);
    } catch {
        return value;
    }
}
