import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { Cache } from "./cache.ts";
import { LIMITS, run } from "./process.ts";

const quiet = { DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C" };

/** Debian packages, installed through apt; what was installed is written down, so that it can be removed again. */
export class Packages {
    private readonly record: string;
    private readonly log: string;

    constructor(cache: Cache) {
        this.record = cache.path("packages.json");
        this.log = cache.path("logs", "apt.log");
    }

    /** Installs packages. Not interruptible: a half-configured package is worse than a late end. */
    async install(names: string[]): Promise<void> {
        await this.apt(["update"]);
        const args = ["install", "--yes", "--no-install-recommends", ...names];
        const plan = await this.apt(["--simulate", ...args]);
        // Written before anything is changed: removing what was not installed after all does nothing.
        this.write([...this.installed(), ...newPackages(plan)]);
        await this.apt(args);
    }

    /** The packages that were installed here and not removed since, with those that they brought along. */
    installed(): string[] {
        return existsSync(this.record)
            ? (JSON.parse(readFileSync(this.record, "utf8")) as string[])
            : [];
    }

    /**
     * Removes what was installed here, unless something installed since then would have to go with it. Returns the
     * names of such packages.
     */
    async remove(): Promise<string[]> {
        const ours = this.installed();
        const present: string[] = [];
        for (const name of ours) if (await isInstalled(name)) present.push(name);
        if (present.length > 0) {
            const args = ["purge", "--yes", ...present];
            const others = removedPackages(await this.apt(["--simulate", ...args])).filter(
                (name) => !ours.includes(name),
            );
            if (others.length > 0) return others;
            await this.apt(args);
        }
        rmSync(this.record, { force: true });
        return [];
    }

    private apt(args: string[]): Promise<string> {
        // Another apt may be at work, as at the first start of a machine.
        const patient = ["-o", "DPkg::Lock::Timeout=300", ...args];
        return run("apt-get", patient, { env: quiet, limit: LIMITS.build, log: this.log });
    }

    private write(names: string[]): void {
        writeFileSync(this.record, JSON.stringify([...new Set(names)], null, 4));
    }
}

async function isInstalled(name: string): Promise<boolean> {
    const args = ["--show", "--showformat=${db:Status-Status}", name];
    return (await run("dpkg-query", args).catch(() => "")).startsWith("installed");
}

/** Names in a simulated run of apt-get: new ones are `Inst name (version ...)`, upgrades `Inst name [old] (new ...)`. */
export function newPackages(simulation: string): string[] {
    return [...simulation.matchAll(/^Inst (\S+) \(/gm)].map(([, name]) => name!);
}

export function removedPackages(simulation: string): string[] {
    return [...simulation.matchAll(/^(?:Remv|Purg) (\S+) /gm)].map(([, name]) => name!);
}
