import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Cache, privateDirectory } from "./cache.ts";
import { Catalogue } from "./catalogue.ts";
import { status } from "./download.ts";
import { hasImage } from "./dockerApi.ts";
import { Engine, lacksCapability } from "./engine.ts";
import { foreignDirectories, projectEnvironment } from "./environment.ts";
import { ensureNodeImage, nodeImageParts, nodeImages } from "./images/nodeImage.ts";
import { imagesAreMadeHere, namesItsImages } from "./imageSource.ts";
import { raiseInotifyLimit } from "./inotify.ts";
import { foundOnPath, tools as programs } from "./onPath.ts";
import { pieces } from "./pieces.ts";
import { Plugins } from "./plugins.ts";
import { problems, thisMachine } from "./preflight.ts";
import { Progress } from "./progress.ts";
import { OWN } from "./project.ts";
import { installPackages, missingPackages } from "./systemPackages.ts";
import { downloads } from "./versions.ts";
import { atWork, makePieces, type Tools } from "./workshop.ts";

/** What a stack needs, by where it comes from. */
interface Wanted {
    /** Pieces that are programs of the toolchain. */
    programs: string[];
    plugins: string[];
    /** The pieces of a node image, if that is made here. */
    imageParts: string[];
    /** Address of the engine that is there, if any. */
    engine: string | undefined;
}

/**
 * Finds or makes everything that a stack needs, and returns the environment variables to use it with. `configFile` is
 * the stack's: it may name images of its own. Throws with all problems at once before anything is changed.
 */
export async function setUp(
    configFile: string,
    signal: AbortSignal,
): Promise<Record<string, string>> {
    const cache = new Cache();
    const tools: Tools = {
        cache,
        catalogue: new Catalogue(pieces),
        progress: new Progress(),
        signal,
    };
    for (const name of ["home", "state", "kubeconfigs"]) privateDirectory(join(OWN, name));
    const engine = new Engine(cache);
    const plugins = new Plugins(join(OWN, "home"), cache, tools.catalogue);
    const wanted = await look(configFile, tools, engine, plugins);
    await prepare(wanted, tools);
    await makePieces(missing([...wanted.programs, ...wanted.plugins], tools), tools);
    const host = (await engine.find()) ?? (await startEngine(engine, tools));
    const limit = raiseInotifyLimit();
    if (limit) tools.progress.note(limit);
    process.env["DOCKER_HOST"] = host; // for everything that this process starts
    await makePieces(missing(wanted.imageParts, tools), tools);
    const images = wanted.imageParts.length > 0 ? await loadImages(host, tools) : undefined;
    plugins.place((line) => tools.progress.note(line));
    return projectEnvironment({
        own: OWN,
        programs: programDirectories(wanted.programs, tools),
        cache: cache.root,
        engine: host,
        images,
    });
}

async function look(
    configFile: string,
    { cache, catalogue }: Tools,
    engine: Engine,
    plugins: Plugins,
): Promise<Wanted> {
    const [onPath, host, pluginPieces] = await Promise.all([
        foundOnPath(foreignDirectories(cache.root)),
        engine.find(),
        plugins.pieces(),
    ]);
    const madeHere = !namesItsImages(configFile) && (await imagesAreMadeHere(cache, catalogue));
    return {
        programs: programs.map(({ piece }) => piece).filter((piece) => !onPath.has(piece)),
        plugins: pluginPieces,
        imageParts: madeHere ? nodeImageParts : [],
        engine: host,
    };
}

/** Checks the machine for what is about to be done, announces it, and installs Debian packages. */
async function prepare(wanted: Wanted, tools: Tools): Promise<void> {
    const { cache, progress } = tools;
    const toMake = missing([...wanted.programs, ...wanted.plugins, ...wrapper(wanted)], tools);
    const parts = missing(wanted.imageParts, tools);
    const packages = missingPackages(
        ...(wanted.engine ? [] : (["engine"] as const)),
        ...(parts.length > 0 ? (["rootfs"] as const) : []),
    );
    const work = toMake.length + parts.length + packages.length > 0 || !wanted.engine;
    if (!work) return;
    const asRoot = [
        ...(packages.length > 0 ? [`install Debian packages (${packages.join(", ")})`] : []),
        ...(wanted.engine ? [] : ["start a container engine, as none answers"]),
        ...(parts.length > 0 ? ["make the node image"] : []),
    ];
    const downloadable = toMake.length > 0 && (await status(downloads.kind.url)) === 200;
    const build = parts.length > 0 || (toMake.length > 0 && !downloadable);
    // What sources, compiled packages and results take, measured; the clusters themselves come on top.
    const disk = (parts.length > 0 ? 18 : 4) + (build && toMake.length > 0 ? 10 : 0);
    const todo = { cache: cache.root, build, asRoot, disk, memory: build ? 6 : 4 };
    const found = problems(todo, await thisMachine(cache.root));
    if (found.length > 0) {
        throw new Error(
            `Not started, for ${found.length === 1 ? "this reason" : "these reasons"}:\n${bullets(found)}`,
        );
    }
    if (build) {
        progress.note(
            "Some things can neither be found nor downloaded here and are built from source, once: on two cores that " +
                "takes up to 45 minutes. You can interrupt it; the next run goes on from there.",
        );
    }
    progress.expect(
        toMake.length +
            parts.length +
            Number(packages.length > 0) +
            Number(!wanted.engine) +
            Number(parts.length > 0),
    );
    if (packages.length > 0) {
        await progress.during(`Debian packages ${packages.join(", ")}`, () =>
            installPackages(packages, cache),
        );
    }
}

/** An engine of our own needs this piece where the machine lacks a capability. */
function wrapper({ engine }: Wanted): string[] {
    return !engine && lacksCapability() ? ["runc-wrapper"] : [];
}

async function startEngine(engine: Engine, tools: Tools): Promise<string> {
    const { cache, catalogue, progress, signal } = tools;
    const needed = lacksCapability() ? ["runc-wrapper"] : [];
    await makePieces(missing(needed, tools), tools);
    const [piece] = needed;
    const runtime = piece && join(cache.dir(catalogue.key(piece)), piece);
    return progress.during("container engine", () => engine.start(runtime, signal));
}

/** Loads the node image made here into the engine, if it lacks it; returns the file that names all images made here. */
async function loadImages(host: string, tools: Tools): Promise<string> {
    const images = nodeImages((piece) => tools.cache.dir(tools.catalogue.key(piece)));
    if (!(await hasImage(host, images.node))) {
        await tools.progress.during("node-image", (say) =>
            atWork("node-image", tools, say, (workshop) => ensureNodeImage(workshop, "docker")),
        );
    }
    const file = join(OWN, "images.json");
    writeFileSync(file, `${JSON.stringify(images, null, 4)}\n`);
    return file;
}

function missing(names: string[], { cache, catalogue }: Tools) {
    return catalogue.inOrder(names).filter(({ name }) => !cache.has(catalogue.key(name)));
}

function programDirectories(names: string[], { cache, catalogue }: Tools): string[] {
    const node = join(process.execPath, "..");
    const directories = names.map((name) => cache.dir(catalogue.key(name)));
    return node.startsWith(cache.root) ? [...directories, node] : directories;
}

function bullets(lines: string[]): string {
    return lines.map((line) => `  - ${line}`).join("\n");
}
