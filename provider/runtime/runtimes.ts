import { docker } from "./docker.ts";
import { podman } from "./podman.ts";
import type { Runtime, RuntimeName } from "./runtime.ts";

export function runtime(name: RuntimeName): Runtime {
    return { docker, podman }[name];
}
