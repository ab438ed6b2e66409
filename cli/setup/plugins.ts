import { existsSync, mkdirSync, readFileSync, readlinkSync, rmSync, symlinkSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import type { Builder } from "../../source-builds/builder.ts";
import { whyNotOffered } from "../../system/download.ts";
import { writeWhole } from "../../system/smallFile.ts";
import { chosenSource, neededDownload } from "../../system/source.ts";
import { versions, type PluginName } from "../../plan/versions.ts";

const names = Object.keys(versions.plugins) as PluginName[];

/** For these there is a small replacement in `source-builds/substitutes`, for machines that cannot have the official one. */
const SUBSTITUTED: PluginName[] = ["docker", "command"];

/** These leave files with credentials where temporary files go. */
const LITTERING: PluginName[] = ["kubernetes"];

/** Gives the plugins of one engine a folder for those: `provider/kube/temporaryFiles.ts` removes it. */
const LAUNCHER = `#!/bin/sh
here=$(dirname "$0")
TMPDIR="\${PULUMI_HOME:-$here/../..}/tmp/$PPID"
export TMPDIR
mkdir -p -m 700 "$TMPDIR"
exec "$here/official/$(basename "$0")" "$@"
`;

/** The provider plugins of a project, in the place where the engine looks for them first. */
export class Plugins {
    private readonly home: string;
    private readonly builder: Builder;
    /** Why official plugins are not used. */
    private readonly reasons = new Map<PluginName, string>();

    /** `home` is the project's PULUMI_HOME. */
    constructor(home: string, builder: Builder) {
        this.home = home;
        this.builder = builder;
    }

    /**
     * The artifacts that plugins are taken from: not for what the user has, nor for what only a substitute can replace. A
     * substitute that `isInUse`, as there are resources in a state that it has made, stays; else the official plugin
     * is asked for again. Throws `DownloadFailed` if that is there and cannot be had.
     */
    async artifacts(isInUse: () => boolean): Promise<string[]> {
        const wanted: string[] = [];
        for (const name of names) {
            if (ownPlugin(name)) {
                continue;
            }
            const why = await this.whyNotOfficial(name, isInUse);
            if (why === undefined) {
                wanted.push(artifactOf(name));
            } else {
                this.reasons.set(name, why);
            }
        }
        return wanted;
    }

    /** Puts every plugin in its place, once the artifacts are made. `say` gets a line for each substitute put there. */
    place(say: (line: string) => void): void {
        for (const name of names) {
            const own = ownPlugin(name);
            const made = this.builder.dir(artifactOf(name));
            if (own) {
                this.use(name, own);
            } else if (existsSync(made) && !this.reasons.has(name)) {
                this.use(name, join(made, artifactOf(name)));
            } else {
                this.substitute(name, say);
            }
        }
    }

    /** Undefined if the official plugin is here or can be had. */
    private async whyNotOfficial(
        name: PluginName,
        isInUse: () => boolean,
    ): Promise<string | undefined> {
        if (!SUBSTITUTED.includes(name)) {
            return undefined;
        }
        if (this.hasSubstitute(name) && isInUse()) {
            return "there are resources that the substitute has made.";
        }
        if (this.builder.has(artifactOf(name))) {
            return undefined;
        }
        const chosen = chosenSource();
        if (chosen === "build") {
            return "MULTINET_SOURCE=build asks for that.";
        }
        const { registry, signal } = this.builder;
        const why = await whyNotOffered(registry.get(artifactOf(name)).official!, { signal });
        if (why !== undefined && chosen === "download") {
            throw neededDownload(why);
        }
        return why;
    }

    private program(name: PluginName): string {
        return join(
            this.home,
            "plugins",
            `resource-${name}-v${versions.plugins[name]}`,
            artifactOf(name),
        );
    }

    /** Puts a plugin in its place: a link, or a script that starts it with temporary files of its own. */
    private use(name: PluginName, target: string): void {
        const program = this.program(name);
        if (!LITTERING.includes(name)) {
            link(program, target);
            return;
        }
        // In the same folder: by that, what runs is known for this project's.
        link(join(program, "..", "official", artifactOf(name)), target);
        writeScript(program, LAUNCHER);
    }

    private hasSubstitute(name: PluginName): boolean {
        const program = this.program(name);
        return existsSync(program) && linkTarget(program) === undefined;
    }

    private substitute(name: PluginName, say: (line: string) => void): void {
        // The path is relative, so that the project can be moved: plugins/<this>/ is four levels down from it.
        const script = `"$(dirname "$0")/../../../../source-builds/substitutes/${name}.ts"`;
        const compiled = '"${NODE_COMPILE_CACHE:-$(dirname "$0")/../../../compiled}"';
        const text = `#!/bin/sh\nexport NODE_COMPILE_CACHE=${compiled}\nexec node ${script} "$@"\n`;
        if (!writeScript(this.program(name), text)) {
            return;
        }
        say(
            `Using this project's substitute for the ${name} plugin ${versions.plugins[name]} ` +
                `(source-builds/substitutes/${name}.ts), which knows only what this project uses. The official one is in no Go ` +
                `module and is not downloaded: ${this.reasons.get(name) ?? ""} It is asked for again while no stack has ` +
                "resources.",
        );
    }
}

/** A link, whatever was there. */
function link(program: string, target: string): void {
    if (linkTarget(program) === target) {
        return;
    }
    mkdirSync(dirname(program), { recursive: true });
    rmSync(program, { force: true });
    symlinkSync(target, program);
}

/** Writes a script in the place of a program, and returns whether another one was there, or none. */
function writeScript(program: string, text: string): boolean {
    const isScript = existsSync(program) && linkTarget(program) === undefined;
    if (isScript && readFileSync(program, "utf8") === text) {
        return false;
    }
    mkdirSync(dirname(program), { recursive: true });
    writeWhole(program, text, 0o755); // in place of a link, not of what that leads to
    return true;
}

function artifactOf(name: PluginName): string {
    return `pulumi-resource-${name}`;
}

/** A plugin that the user has installed with Pulumi itself. */
function ownPlugin(name: PluginName): string | undefined {
    const directory = `resource-${name}-v${versions.plugins[name]}`;
    const program = join(homedir(), ".pulumi", "plugins", directory, artifactOf(name));
    return existsSync(program) ? program : undefined;
}

function linkTarget(path: string): string | undefined {
    try {
        return readlinkSync(path);
    } catch {
        return undefined;
    }
}
