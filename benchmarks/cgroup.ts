import { readFileSync } from "node:fs";

/** Where a control group hierarchy is mounted: the unified one, or that of a version 1 controller. */
export function mountOf(
    type: "cgroup2" | "cgroup",
    controller?: string,
    mounts = readFileSync("/proc/mounts", "utf8"),
): string {
    const found = mounts
        .split("\n")
        .map((line) => line.split(" "))
        .find(
            ([, , kind, options = ""]) =>
                kind === type && (!controller || options.split(",").includes(controller)),
        );
    if (!found) {
        const what = controller ? `${type} hierarchy for ${controller}` : `${type} hierarchy`;
        throw new Error(
            `No ${what} is mounted on this machine: the benchmark needs Linux with control groups.`,
        );
    }
    return found[1]!;
}

/** The path that a /proc/PID/cgroup file names for a version 1 controller, or for the unified hierarchy (""). */
export function pathIn(controller: string, file: string): string {
    const path = file
        .split("\n")
        .map((line) => line.split(":"))
        .find(([, controllers = ""]) => controllers.split(",").includes(controller))?.[2];
    if (path === undefined) {
        throw new Error(`No control group of ${controller || "version 2"} in:\n${file}`);
    }
    return path;
}
