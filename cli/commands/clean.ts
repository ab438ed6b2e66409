import { join } from "node:path";
import { Command } from "commander";
import { Cache } from "../../system/cache.ts";
import { isEntry, MARKER } from "../../system/cachePlace.mjs";
import { refuseUsed, takeCache } from "../../system/cacheUse.ts";
import { CNI_PLUGINS } from "../setup/cniPlugins.ts";
import { ask } from "../../system/dockerApi.ts";
import { Engine } from "../setup/engine.ts";
import { enginePlaces, usualPlaces } from "../setup/engineAddress.ts";
import { contentsOf, contentsOnDisk, multinetContainers } from "../setup/engineContents.ts";
import { engineFacts } from "../setup/findEngine.ts";
import { Packages } from "../setup/packages.ts";
import { STATE_DIR } from "../project.ts";
import { refuseMounts, removeFrom } from "../../system/removal.ts";
import { stacksWithResources } from "../state/stateFiles.ts";
import { engineInUse } from "../setup/systemPackages.ts";

export const words = new Command("clean")
    .summary("remove what multinet installed")
    .description(
        "Removes what multinet installed: its container engine with all data, the cache, Debian packages, plugins. State and " +
            "kubeconfigs of this project stay. Refuses while anything exists that needs them.",
    )
    .option("--force", "remove it nevertheless");

export async function run(words: Command, signal: AbortSignal): Promise<number> {
    const cache = new Cache();
    await takeCache(cache);
    refuseUsed(cache);
    const engine = new Engine(cache);
    if (!words.opts<{ force?: true }>().force) {
        refuse([
            ...statesInUse(),
            ...(await ownEngineInUse(engine)),
            ...(await othersInUse(engine)),
        ]);
    }
    if (await engine.stop(signal)) {
        console.error("Stopped the container engine.");
    }
    refuseMounts(cache.root);
    await removePackages(cache);
    // The marker goes last: what an interrupted run leaves is still known as a cache.
    removeFrom(cache.root, (name) => isEntry(name) && name !== MARKER);
    tell(
        cache.root,
        removeFrom(cache.root, (name) => name === MARKER),
    );
    for (const [directory, names] of Object.entries(projectEntries)) {
        tell(
            directory,
            removeFrom(directory, (name) => names.includes(name)),
        );
    }
    return 0;
}

/** What multinet puts into the project, by directory. */
const projectEntries = {
    [join(STATE_DIR, "home")]: ["plugins", "workspaces"],
    [STATE_DIR]: ["images", CNI_PLUGINS, "compiled"],
};

function tell(directory: string, left: string[] | undefined): void {
    if (left !== undefined) {
        const what = left.length === 0 ? "Removed" : `Kept ${left.join(", ")} in`;
        console.error(`${what} ${directory}.`);
    }
}

function refuse(reasons: string[]): void {
    if (reasons.length > 0) {
        throw new Error(
            `Not removed, as this would be lost or could no longer be removed properly:\n  ${reasons.join("\n  ")}\n` +
                "Stacks go with `pulumi destroy`, in the checkout that they belong to. To leave it all behind: " +
                "npm run clean -- --force",
        );
    }
}

function statesInUse(): string[] {
    return stacksWithResources(join(STATE_DIR, "state")).map(
        ({ name, unreadable }) =>
            `${unreadable ? "the unreadable state" : "resources"} of the stack "${name}": eval "$(npm run -s env)"; ` +
            `pulumi destroy --stack ${name}`,
    );
}

async function ownEngineInUse(engine: Engine): Promise<string[]> {
    const { containers, others } =
        engine.running() === undefined
            ? contentsOnDisk(engine.data)
            : await contentsOf(engine.ownHost);
    return [...containers, ...others].map((line) => `${line}, on the engine of multinet`);
}

/** Nodes on an engine of the machine use the cache, too. */
async function othersInUse(engine: Engine): Promise<string[]> {
    const facts = engineFacts();
    const places = (["docker", "podman"] as const).flatMap((runtime) => [
        ...enginePlaces(facts, runtime),
        ...usualPlaces(facts, runtime),
    ]);
    const hosts = new Set(places.map(({ address }) => address));
    hosts.delete(engine.ownHost);
    const found: string[] = [];
    for (const host of hosts) {
        const answer = await ask(host);
        const lines = answer === "answers" ? await multinetContainers(host) : [];
        found.push(...lines.map((line) => `${line}, on the engine at ${host}`));
        if (answer === "silent") {
            found.push(`whatever is on the engine at ${host}, which does not answer`);
        }
    }
    return found;
}

async function removePackages(cache: Cache): Promise<void> {
    const isRoot = process.getuid?.() === 0;
    const inUse = isRoot ? await engineInUse() : () => "only root can remove them";
    const { removed, kept } = await new Packages(cache).remove(inUse);
    if (removed.length > 0) {
        console.error(`Removed Debian packages: ${removed.join(", ")}.`);
    }
    for (const [reason, names] of kept) {
        console.error(
            `Kept Debian packages (${reason}): ${names.join(", ")}. To remove them: apt-get remove ${names.join(" ")}`,
        );
    }
}
