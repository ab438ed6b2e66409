import type { Cache } from "../../system/cache.ts";
import { boundLog } from "../../system/logFile.ts";
import { LIMITS, run } from "../../system/process.ts";
import { readJson, writeWhole } from "../../system/smallFile.ts";

const quiet = { DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C" };

/** A package that was installed here; records of earlier versions of this program do not tell which version of it. */
interface Installed {
    name: string;
    version?: string;
}

/** What became of the packages that were installed here. */
export interface Removal {
    removed: string[];
    /** Those that stay, by the reason. */
    kept: Map<string, string[]>;
}

/** Debian packages, installed through apt; what was installed is written down, so that it can be removed again. */
export class Packages {
    private readonly record: string;
    private readonly log: string;

    constructor(cache: Cache) {
        this.record = cache.path("packages.json");
        this.log = cache.path("logs", "apt.log");
    }

    /** Has apt fetch the lists of what there is. */
    async update(): Promise<void> {
        boundLog(this.log);
        await this.apt(["update"]);
    }

    /** Installs packages. Not interruptible: a half-configured package is worse than a late end. */
    async install(names: string[]): Promise<void> {
        const args = ["install", "--yes", "--no-install-recommends", ...names];
        const plan = await this.apt(["--simulate", ...args]);
        await this.apt(args);
        // Afterwards: what a user installs after this failed is the user's.
        const fresh = await Promise.all(
            newPackages(plan).map(async (name) => ({ name, version: await versionOf(name) })),
        );
        const others = this.installed().filter(
            ({ name }) => !fresh.some((one) => one.name === name),
        );
        writeWhole(this.record, JSON.stringify([...others, ...fresh], null, 4));
    }

    /** Whether the lists have a package of this name. */
    async offers(name: string): Promise<boolean> {
        const found = await run("apt-cache", ["show", name], { env: quiet }).catch(() => "");
        return found !== "";
    }

    /**
     * Removes what was installed here and not changed since, as far as nothing else would go with it. `inUse` gives
     * the reason to keep a package. Never purges: packages that do wipe data which they did not make.
     */
    async remove(inUse: (name: string) => string | undefined): Promise<Removal> {
        const kept = new Map<string, string[]>();
        const candidates: string[] = [];
        for (const { name, version } of this.installed()) {
            const present = await versionOf(name);
            if (present === undefined) {
                continue;
            }
            const reason =
                present === version
                    ? inUse(name)
                    : "another version than this program is known to have installed";
            if (reason === undefined) {
                candidates.push(name);
            } else {
                kept.set(reason, [...(kept.get(reason) ?? []), name]);
            }
        }
        const removed = await this.removable(candidates);
        const needed = candidates.filter((name) => !removed.includes(name));
        if (needed.length > 0) {
            kept.set("other packages need them", needed);
        }
        if (removed.length > 0) {
            await this.apt(["remove", "--yes", ...removed]);
        }
        return { removed, kept };
    }

    /** Those of these packages that can go without taking anything else along. */
    private async removable(names: string[]): Promise<string[]> {
        const reachesOnly = async (some: string[], allowed: string[]) => {
            const plan = await this.apt(["--simulate", "remove", "--yes", ...some]);
            const changes = [...removedPackages(plan), ...newPackages(plan)];
            return changes.every((name) => allowed.includes(name));
        };
        if (names.length === 0 || (await reachesOnly(names, names))) {
            return names;
        }
        const rest: string[] = [];
        for (const name of names) {
            if (await reachesOnly([name], names)) {
                rest.push(name);
            }
        }
        return rest.length < names.length ? this.removable(rest) : [];
    }

    private installed(): Installed[] {
        const list = readJson<unknown>(this.record);
        const entries: unknown[] = Array.isArray(list) ? list : [];
        return entries.flatMap((one) => {
            const entry = typeof one === "string" ? { name: one } : (one as Installed | null);
            return typeof entry?.name === "string" ? [entry] : [];
        });
    }

    private apt(args: string[]): Promise<string> {
        // Another apt may be at work, as at the first start of a machine.
        const patient = ["-o", "DPkg::Lock::Timeout=300", ...args];
        return run("apt-get", patient, { env: quiet, limit: LIMITS.build, log: this.log });
    }
}

/** The installed version of a package; undefined if it is not installed. */
async function versionOf(name: string): Promise<string | undefined> {
    const args = ["--show", "--showformat=${db:Status-Status} ${Version}", name];
    const [status, version] = (await run("dpkg-query", args).catch(() => "")).split(" ");
    return status === "installed" ? version : undefined;
}

/** Names in a simulated run of apt-get: new ones are `Inst name (version ...)`, upgrades `Inst name [old] (new ...)`. */
export function newPackages(simulation: string): string[] {
    return [...simulation.matchAll(/^Inst (\S+) \(/gm)].map(([, name]) => name!);
}

export function removedPackages(simulation: string): string[] {
    return [...simulation.matchAll(/^(?:Remv|Purg) (\S+) /gm)].map(([, name]) => name!);
}
