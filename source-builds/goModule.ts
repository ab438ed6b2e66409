import { cpSync, readdirSync, readFileSync } from "node:fs";
import { availableParallelism, freemem } from "node:os";
import { basename, join } from "node:path";
import { cacheRoot } from "../system/cache.ts";
import type { BuildContext } from "./artifact.ts";
import { versions } from "../plan/versions.ts";

const MODULES = join(import.meta.dirname, "modules");

/** One program built from a pinned Go module. */
export interface GoBuild {
    /** Folder under `source-builds/modules`: its go.mod and go.sum fix every source that goes in. */
    module: string;
    /** The main package; `.` is the module's own. */
    package: string;
    /** The file to write. */
    output: string;
    /** Linker flags besides `-s -w`, usually version stamps. */
    ldflags?: string[];
    tags?: string[];
    /** Release of Go to build with, such as `go1.24.9`, fetched as a module; the machine's own if not given. */
    goVersion?: string | undefined;
    /** Where to build, if not in the module's folder: a copy of it, made with `copyModule`. */
    directory?: string;
}

/** Everything about a module that decides what is built from it, for an artifact's recipe. */
export function goRecipe(module: string): string[] {
    const folder = join(MODULES, module);
    return readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .sort()
        .flatMap((file) => [file.slice(folder.length), readFileSync(file, "utf8")]);
}

/** Builds a static program. Only sources whose hashes are in the committed go.sum are used. */
export async function goBuild(context: BuildContext, build: GoBuild): Promise<void> {
    const args = ["build", "-mod=readonly", "-trimpath", "-buildvcs=false", "-p", String(jobs())];
    args.push("-tags", (build.tags ?? []).join(","));
    args.push("-ldflags", ["-s", "-w", ...(build.ldflags ?? [])].join(" "));
    args.push("-o", build.output, build.package);
    context.status(`building ${basename(build.output)} with Go`);
    await context.run("go", args, {
        cwd: build.directory ?? join(MODULES, build.module),
        env: { ...goEnvironment(), ...(build.goVersion && { GOTOOLCHAIN: build.goVersion }) },
    });
}

/** Folder of the sources of a module that this one depends on, downloaded if need be. */
export async function goSources(
    context: BuildContext,
    module: string,
    dependency: string,
): Promise<string> {
    const cwd = join(MODULES, module);
    const env = goEnvironment();
    context.status(`downloading ${dependency}`);
    const output = await context.run("go", ["mod", "download", "-json", dependency], { cwd, env });
    return (JSON.parse(output) as { Dir: string }).Dir;
}

/** Stamps the version into programs of Kubernetes, which otherwise call themselves v0.0.0. */
export function kubernetesStamps(): string[] {
    const [major, minor] = versions.kubernetes.slice(1).split(".");
    const stamps = {
        gitVersion: versions.kubernetes,
        gitMajor: major,
        gitMinor: minor,
        gitTreeState: "clean",
    };
    return ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"].flatMap((location) =>
        Object.entries(stamps).map(([name, value]) => `-X ${location}.${name}=${value}`),
    );
}

/** Copies a module to where files can be added to it. */
export function copyModule(module: string, into: string): void {
    cpSync(join(MODULES, module), into, { recursive: true });
}

/** Sources and compiled packages are shared by all builds and survive an interrupted one. */
function goEnvironment(): Record<string, string> {
    const go = join(cacheRoot(), "go");
    return {
        GOMODCACHE: join(go, "mod"),
        GOCACHE: join(go, "build"),
        GOFLAGS: "",
        GOWORK: "off",
        CGO_ENABLED: "0",
    };
}

const GIBIBYTE = 2 ** 30;

/** One compiler for each core, as long as each has two gibibytes of memory. */
function jobs(): number {
    return Math.max(1, Math.min(availableParallelism(), Math.floor(freemem() / (2 * GIBIBYTE))));
}
