import { dirname, join } from "node:path";
import { Cache, privateDirectory } from "../../system/cache.ts";
import { CNI_PLUGINS, linkCniPlugins } from "./cniPlugins.ts";
import { Engine, lacksCapability } from "./engine.ts";
import { Builder, cnisOf, cost } from "../../source-builds/builder.ts";
import { findEngine, type FoundEngine, isOnThisKernel, whyUnusable } from "./findEngine.ts";
import { foreignDirectories, isInside, projectEnvironment, stateFolder } from "./environment.ts";
import { raiseInotifyLimit } from "./inotify.ts";
import { MadeImages } from "./madeImages.ts";
import { foundOnPath, TOOLS as programs } from "./onPath.ts";
import { Plugins } from "./plugins.ts";
import { problems } from "./preflight.ts";
import type { RuntimeName } from "../../provider/runtime/runtime.ts";
import { Progress } from "../../system/progress.ts";
import { CAPABILITIES } from "../../system/thisHost.ts";
import { STATE_DIR, type StackFile } from "../project.ts";
import { runtimeOf, stackConfig } from "../state/stackFile.ts";
import { stacksWithResources } from "../state/stateFiles.ts";
import { forClient, forEngine, installPackages, missingPackages } from "./systemPackages.ts";
import { thisMachine } from "./thisMachine.ts";
import { toolSource } from "./toolSource.ts";

/** What a stack needs, by where it comes from. */
interface Wanted {
    /** Artifacts that are programs for the command line. */
    programs: string[];
    plugins: string[];
    /** The stack's images, if they are made here. */
    images: MadeImages | undefined;
    /** How many CNI plugins besides kindnet and Multus run in the stack. */
    cnis: number;
    runtime: RuntimeName;
    /** The engine that answers, if any. */
    engine: FoundEngine | undefined;
}

/**
 * Finds or makes everything that a stack needs, and returns the environment variables to use it with. The stack's
 * configuration may name images of its own, or CNI plugins that others do without. Throws with all problems at once
 * before anything is changed.
 */
export async function setUp(
    stack: StackFile,
    signal: AbortSignal,
): Promise<Record<string, string>> {
    const shell = { ...process.env };
    const builder = newBuilder(signal);
    const { cache, progress } = builder;
    for (const name of ["home", "state", "kubeconfigs"]) {
        privateDirectory(join(STATE_DIR, name));
    }
    const engine = new Engine(cache);
    const plugins = new Plugins(join(STATE_DIR, "home"), builder);
    const wanted = await look(stack, builder, engine, plugins);
    await prepare(wanted, builder);
    await builder.make(ofEveryStack(wanted));
    linkCniPlugins(STATE_DIR, builder.dir(CNI_PLUGINS));
    const found = await findEngine(engine, wanted.runtime);
    const host = found?.address ?? (await startEngine(engine, builder));
    const limit = isOnThisKernel(found) ? raiseInotifyLimit() : undefined;
    if (limit) {
        progress.note(limit);
    }
    // For everything that this process starts.
    Object.assign(process.env, { DOCKER_HOST: host, DOCKER_CONTEXT: "" });
    await wanted.images?.keep(host);
    await builder.make(wanted.images?.parts ?? []);
    await wanted.images?.load(host);
    plugins.place((line) => progress.note(line));
    const places = {
        stateDir: STATE_DIR,
        programs: programDirectories(wanted.programs, builder),
        cache: cache.root,
        engine: host,
        images: wanted.images?.file,
    };
    return projectEnvironment(places, shell);
}

/** Names of the artifacts that would have to be made for a stack's images. */
export async function missingImageParts(stack: StackFile, signal: AbortSignal): Promise<string[]> {
    const builder = newBuilder(signal);
    const images = await MadeImages.of(stack, builder);
    return builder.missing(images?.parts ?? []).map(({ name }) => name);
}

function newBuilder(signal: AbortSignal): Builder {
    return new Builder(new Cache(), new Progress(), signal);
}

async function look(
    stack: StackFile,
    builder: Builder,
    engine: Engine,
    plugins: Plugins,
): Promise<Wanted> {
    const runtime = runtimeOf(stack.configFile);
    const [onPath, found, pluginArtifacts] = await Promise.all([
        foundOnPath(foreignDirectories(builder.cache.root)),
        findEngine(engine, runtime),
        plugins.artifacts(mayHaveResources),
    ]);
    refuse(whyUnusable(found, [STATE_DIR, builder.cache.root]));
    return {
        programs: programs
            .map(({ artifact }) => artifact)
            .filter((artifact) => !onPath.has(artifact)),
        plugins: pluginArtifacts,
        images: await MadeImages.of(stack, builder, found?.address),
        cnis: cnisOf(stackConfig(stack.configFile)).length,
        runtime,
        engine: found,
    };
}

/** Checks the machine for what is about to be done, announces it, and installs Debian packages. */
async function prepare(wanted: Wanted, builder: Builder): Promise<void> {
    const { cache, progress, signal } = builder;
    const toMake = builder.missing([...ofEveryStack(wanted), ...wrapper(wanted)]);
    const parts = builder
        .missing(wanted.images?.parts ?? [])
        .filter((artifact) => !toMake.includes(artifact));
    const artifacts = [...toMake, ...parts];
    const packages = missingPackages(
        ...(wanted.engine ? [] : [forEngine]),
        ...(wanted.runtime === "docker" ? [forClient] : []),
        ...artifacts.map(({ system }) => system ?? {}),
    );
    const work = artifacts.length + packages.length > 0 || !wanted.engine;
    if (!work) {
        return;
    }
    const { built, lines } = await toolSource(artifacts, signal);
    for (const line of lines) {
        progress.note(line);
    }
    const { build, disk, minutes } = cost(built);
    const memory = Math.max(build ? 6 : 4, 4 + wanted.cnis);
    const requirements = {
        ...{ cache: cache.root, build, packages, disk, memory },
        startEngine: !wanted.engine,
        nodeImage: artifacts.some(({ root }) => root),
    };
    refuse(problems(requirements, await thisMachine(cache.root, wanted.engine)));
    if (build) {
        progress.note(
            `What is built from source is built once: on two cores that takes up to ${minutes} minutes. You can ` +
                "interrupt it; the next run goes on from there.",
        );
    }
    progress.expect(
        artifacts.length +
            Number(packages.length > 0) +
            Number(!wanted.engine) +
            Number(await needsLoading(wanted)),
    );
    if (packages.length > 0) {
        await progress.during(`Debian packages ${packages.join(", ")}`, () =>
            installPackages(packages, cache),
        );
    }
}

function refuse(found: string[]): void {
    if (found.length > 0) {
        throw new Error(
            `Not started, for ${found.length === 1 ? "this reason" : "these reasons"}:\n${bullets(found)}`,
        );
    }
}

/** Whether a state of this project has resources, as far as one can see from here. */
function mayHaveResources(): boolean {
    const folder = stateFolder(STATE_DIR);
    return folder === undefined || stacksWithResources(folder).length > 0;
}

async function needsLoading({ images, engine }: Wanted): Promise<boolean> {
    return images !== undefined && !(engine && (await images.areIn(engine.address)));
}

/** Artifacts that are needed wherever the images come from. */
function ofEveryStack({ programs, plugins }: Wanted): string[] {
    return [...programs, ...plugins, CNI_PLUGINS];
}

/** An engine of our own needs this artifact where the machine lacks a capability. */
function wrapper({ engine }: Wanted): string[] {
    const isOwn = !engine && CAPABILITIES.ownEngine;
    return isOwn && lacksCapability() ? ["runc-wrapper"] : [];
}

async function startEngine(engine: Engine, builder: Builder): Promise<string> {
    const needed = lacksCapability() ? ["runc-wrapper"] : [];
    await builder.make(needed);
    const [artifact] = needed;
    const runtime = artifact && join(builder.dir(artifact), artifact);
    return builder.progress.during("container engine", () => engine.start(runtime, builder.signal));
}

function programDirectories(names: string[], { cache, dir }: Builder): string[] {
    const directories = names.map((name) => dir(name));
    const node = dirname(process.execPath);
    return isInside(node, cache.root) ? [...directories, node] : directories;
}

function bullets(lines: string[]): string {
    return lines.map((line) => `  - ${line}`).join("\n");
}
