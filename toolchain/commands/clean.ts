import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Cache } from "../cache.ts";
import { CNI_PLUGINS } from "../cniPlugins.ts";
import { Engine } from "../engine.ts";
import { Packages } from "../packages.ts";
import { run } from "../process.ts";
import { OWN } from "../project.ts";
import { PROJECT_NAME, type State } from "../stack.ts";

/**
 * `npm run clean [-- --force]`: removes what the toolchain installed: its engine with all data, the cache, Debian
 * packages, plugins. State and kubeconfigs of this project stay. Refuses while a stack still has resources.
 */
export async function clean(args: string[]): Promise<number> {
    const full = stacksWithResources(join(OWN, "state"));
    if (full.length > 0 && !args.includes("--force")) {
        throw new Error(
            `There are still resources in ${full.map((name) => `the stack "${name}"`).join(" and ")}. Without the ` +
                "toolchain they could no longer be removed properly. Destroy them first:\n" +
                `  eval "$(npm run -s env)"\n${full.map((name) => `  pulumi destroy --stack ${name}\n`).join("")}` +
                "or leave them behind: npm run clean -- --force",
        );
    }
    const cache = new Cache();
    if (await new Engine(cache).stop()) console.error("Stopped the container engine.");
    const packages = new Packages(cache);
    const installed = packages.installed();
    const others = await packages.remove();
    if (others.length > 0) {
        console.error(
            `Kept Debian packages (${installed.join(", ")}): ${others.join(", ")} needs them.`,
        );
    } else if (installed.length > 0) {
        console.error(`Removed Debian packages: ${installed.join(", ")}.`);
    }
    await removeTree(cache.root);
    console.error(`Removed ${cache.root}.`);
    for (const name of ["home", "images", CNI_PLUGINS]) {
        rmSync(join(OWN, name), { recursive: true, force: true });
    }
    return 0;
}

/** Stacks of a file backend whose last state still has resources. */
export function stacksWithResources(state: string): string[] {
    const directory = join(state, ".pulumi", "stacks", PROJECT_NAME);
    if (!existsSync(directory)) return [];
    return readdirSync(directory)
        .filter((file) => file.endsWith(".json"))
        .filter((file) => {
            const { checkpoint } = JSON.parse(readFileSync(join(directory, file), "utf8")) as {
                checkpoint?: { latest?: State["deployment"] };
            };
            return (checkpoint?.latest?.resources ?? []).length > 0;
        })
        .map((file) => file.slice(0, -".json".length));
}

/** Go makes its module cache read-only, which minds everyone but root. */
async function removeTree(path: string): Promise<void> {
    const modules = join(path, "go", "mod");
    if (existsSync(modules)) await run("chmod", ["--recursive", "u+w", modules]);
    rmSync(path, { recursive: true, force: true });
}
