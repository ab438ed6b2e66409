import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Cache } from "../../system/cache.ts";
import { withLock } from "../../system/lock.ts";
import { LIMITS, run } from "../../system/process.ts";
import { Progress } from "../../system/progress.ts";

/**
 * Installs what package-lock.json says, unless just that is installed. Install scripts do not run: some would download
 * plugins.
 */
export async function installDependencies(project: string, signal: AbortSignal): Promise<void> {
    if (isInstalled(project)) {
        return;
    }
    const lock = new Cache().path("locks", lockName(project));
    await new Progress().during("npm packages", (say) =>
        withLock(
            lock,
            (holder) => say(`waiting: ${holder} is installing them`),
            async () => {
                if (isInstalled(project)) {
                    return;
                }
                const args = [
                    "ci",
                    "--ignore-scripts",
                    "--no-audit",
                    "--no-fund",
                    "--loglevel=error",
                ];
                await run("npm", args, { cwd: project, limit: LIMITS.build, signal });
            },
            signal,
        ),
    );
}

/** A path may be longer than a file's name. */
export function lockName(project: string): string {
    return `npm-${createHash("sha256").update(project).digest("hex").slice(0, 16)}`;
}

interface Locked {
    version: string;
    optional?: boolean;
}

/** Compares the lockfile with npm's own note of what it installed, which it writes when all is in place. */
export function isInstalled(project: string): boolean {
    const wanted = lockedPackages(join(project, "package-lock.json"));
    const there = lockedPackages(join(project, "node_modules", ".package-lock.json"));
    if (!wanted || !there) {
        return false;
    }
    delete wanted[""]; // the project itself
    const missing = Object.entries(wanted).filter(
        ([path, { version, optional }]) =>
            !(optional && !there[path]) && there[path]?.version !== version,
    );
    return missing.length === 0 && Object.keys(there).every((path) => path in wanted);
}

function lockedPackages(file: string): Record<string, Locked> | undefined {
    try {
        const { packages } = JSON.parse(readFileSync(file, "utf8")) as {
            packages: Record<string, Locked>;
        };
        return packages;
    } catch {
        return undefined;
    }
}
