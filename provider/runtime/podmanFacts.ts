import { existsSync, readFileSync } from "node:fs";
import { release, userInfo } from "node:os";
import { delimiter, join } from "node:path";
import { exec } from "../exec.ts";
import { ID_PROGRAMS, MODULES, type PodmanFacts } from "../../plan/rules/podmanHost.ts";

/** The parts used of what `podman info --format json` prints; Podman 4 lacks some. */
export interface PodmanInfo {
    host: {
        cgroupControllers?: string[] | null;
        cgroupManager: string;
        cgroupVersion: "v1" | "v2";
        idMappings?: Record<"uidmap" | "gidmap", { size: number }[] | null> | null;
        kernel: string;
        networkBackend?: string;
        networkBackendInfo?: { dns?: { path?: string } };
        pasta?: { executable?: string };
        rootlessNetworkCmd?: string;
        security: { rootless: boolean };
        slirp4netns?: { executable?: string };
    };
    store: {
        graphDriverName: string;
        graphOptions?: Record<string, { Executable?: string } | string>;
    };
    version: { Version: string };
}

/** Where Podman looks for its own programs. */
const HELPERS = ["/usr/local/libexec", "/usr/local/lib", "/usr/libexec", "/usr/lib"].map((folder) =>
    join(folder, "podman"),
);

/** Reads from this machine what there is to know of it and its Podman. */
export async function podmanFacts(): Promise<PodmanFacts> {
    try {
        const said = await exec("podman", ["info", "--format", "json"], { timeout: 30_000 });
        return factsOf(JSON.parse(said) as PodmanInfo);
    } catch (error) {
        return factsOf(undefined, (error as Error).message);
    }
}

/** The same, with what Podman says of itself, or why it does not. `root` is where the machine's files are. */
export function factsOf(
    info: PodmanInfo | undefined,
    failure?: string,
    { username: user, uid }: { username: string; uid: number } = userInfo(),
    root = "/",
): PodmanFacts {
    const file = (path: string) => join(root, path);
    const { host, store, version } = info ?? {};
    const kernel = host?.kernel ?? release();
    const helpers = [...HELPERS, ...(process.env["PATH"] ?? "").split(delimiter)].map(file);
    const isThere = (program: string) =>
        helpers.some((folder) => existsSync(join(folder, program)));
    const ids = (which: "uid" | "gid") =>
        host?.idMappings
            ? sum((host.idMappings[`${which}map`] ?? []).map(({ size }) => size)) - 1
            : granted(text(file(`/etc/sub${which}`)), [user, String(uid)]);
    const dns = host?.networkBackendInfo?.dns?.path;
    return {
        user,
        rootless: host?.security.rootless ?? uid !== 0,
        failure,
        version: version?.Version,
        cgroup: host?.cgroupVersion,
        cgroupManager: host?.cgroupManager,
        controllers: host?.cgroupControllers ?? undefined,
        lingers: existsSync(file("/run/systemd/system"))
            ? existsSync(file(`/var/lib/systemd/linger/${user}`))
            : undefined,
        subordinate: { uids: ids("uid"), gids: ids("gid") },
        missingIdPrograms: ID_PROGRAMS.filter((program) => !isThere(program)),
        kernel,
        storage: store && {
            driver: store.graphDriverName,
            mountProgram: mountProgram(store.graphOptions?.["overlay.mount_program"]),
        },
        unloadedModules: unloaded(kernel, file),
        inotify: {
            instances: number(file("/proc/sys/fs/inotify/max_user_instances")),
            watches: number(file("/proc/sys/fs/inotify/max_user_watches")),
        },
        networkBackend: host?.networkBackend,
        hasNameServer: host && (dns ? true : isThere("aardvark-dns")),
        wayOut: host && wayOut(host, version?.Version ?? ""),
    };
}

/** Version 5 has pasta unless it is told otherwise, those before slirp4netns. */
function wayOut(host: PodmanInfo["host"], version: string): string {
    const { rootlessNetworkCmd: chosen, slirp4netns, pasta } = host;
    const usual = Number(version.split(".")[0]) < 5 ? "slirp4netns" : "pasta";
    const program = { slirp4netns, pasta }[chosen || usual];
    return program?.executable ? chosen || usual : "";
}

function mountProgram(option: { Executable?: string } | string | undefined): string | undefined {
    return typeof option === "string" ? option : option?.Executable;
}

/** How many ids lines like `user:100000:65536` grant to someone. */
function granted(lines: string, names: string[]): number {
    const grants = lines.split("\n").map((line) => line.split(":"));
    return sum(
        grants.filter(([name = ""]) => names.includes(name)).map(([, , count]) => Number(count)),
    );
}

/** Those modules that the kernel could have, and has not. What it does not know by name, it may do without. */
function unloaded(kernel: string, file: (path: string) => string): string[] {
    const modules = text(file(`/lib/modules/${kernel}/modules.dep`));
    const loaded = text(file("/proc/modules"));
    const names = (list: string, name: string) => new RegExp(`(^|/)${name}[. ]`, "m").test(list);
    return MODULES.filter((name) => names(modules, name) && !names(loaded, name));
}

function number(path: string): number {
    return Number(text(path) || Infinity);
}

function sum(numbers: number[]): number {
    return numbers.reduce((all, one) => all + one, 0);
}

/** Empty where there is no such file. */
function text(path: string): string {
    try {
        return readFileSync(path, "utf8");
    } catch {
        return "";
    }
}
