import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cacheRoot, privateDirectory } from "./cache.ts";
import { withLock } from "./lock.ts";
import { run } from "./process.ts";
import { Progress } from "./progress.ts";

/**
 * Installs what package-lock.json says, if the installed packages are of another one. Install scripts do not run: some
 * would download plugins.
 */
export async function installDependencies(project: string, signal: AbortSignal): Promise<void> {
    const lock = readFileSync(join(project, "package-lock.json"), "utf8");
    const stamp = join(project, "node_modules", ".multinet-lock.json");
    const current = () => existsSync(stamp) && readFileSync(stamp, "utf8") === lock;
    if (current()) return;
    const progress = new Progress();
    const locks = privateDirectory(join(cacheRoot(), "locks"));
    const file = join(locks, `npm-${project.replaceAll("/", "-")}`);
    await progress.during("npm packages", (say) =>
        withLock(
            file,
            (holder) => say(`waiting: ${holder} is installing them`),
            async () => {
                if (current()) return;
                const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
                await run("npm", args, { cwd: project, signal });
                writeFileSync(stamp, lock);
            },
            signal,
        ),
    );
}
