import { chmod, cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { goRecipe, goSources } from "../goModule.ts";
import { moduleFilesCost } from "../moduleFiles.ts";
import type { Artifact } from "../artifact.ts";
import { versions } from "../../plan/versions.ts";
import { PAUSE_IMAGE } from "./components.ts";

/** To be raised when the code below makes other files of the same module. */
const FORMAT = "node files 1";

/** Edits of kind's containerd config: what is there, and what it becomes. */
const EDITS: [string | RegExp, string][] = [
    [/sandbox_image = "[^"]*"/, `sandbox_image = "${PAUSE_IMAGE}"`],
    // Where the machine withholds CAP_SYS_RESOURCE, a pod that asks for a lower score could not start.
    ["restrict_oom_score_adj = false", "restrict_oom_score_adj = true"],
];
const hook = { path: "/kind/bin/mount-product-files.sh" };

/** kind's own files of a node image, taken from its module, in `files/`. */
export const nodeFiles: Artifact = {
    name: "node-files",
    version: versions.kind,
    needs: ["containerd"],
    cost: moduleFilesCost,
    recipe: () => [FORMAT, JSON.stringify([EDITS.map(String), hook]), ...goRecipe("kind")],
    async make(into, context) {
        const module = await goSources(context, "kind", "sigs.k8s.io/kind");
        const files = join(into, "files");
        await cp(join(module, "images/base/files"), files, { recursive: true });
        const containerd = join(files, "etc/containerd");
        await chmod(containerd, 0o755);
        await chmod(join(containerd, "config.toml"), 0o644);
        const config = await readFile(join(containerd, "config.toml"), "utf8");
        await writeFile(join(containerd, "config.toml"), edit(config));
        const spec = await context.run(join(context.dir("containerd"), "ctr"), ["oci", "spec"]);
        await writeFile(join(containerd, "cri-base.json"), baseSpec(spec));
    },
};

/** Adapts kind's containerd config; refuses a text in which there is nothing to adapt. */
export function edit(config: string): string {
    return EDITS.reduce((text, [from, to]) => {
        const edited = text.replace(from, to);
        if (edited !== text) {
            return edited;
        }
        throw new Error(
            `kind ${versions.kind}: ${String(from)} is not in its containerd config; ` +
                "adapt the edits to this version of kind",
        );
    }, config);
}

/** The spec that all containers start from: as kind makes it, with its hook and no resource limits. */
export function baseSpec(spec: string): string {
    const base = JSON.parse(spec) as {
        process: { rlimits?: unknown };
        hooks?: { createContainer?: object[] };
    };
    delete base.process.rlimits;
    const others = base.hooks?.createContainer ?? [];
    base.hooks = { ...base.hooks, createContainer: [...others, hook] };
    return JSON.stringify(base);
}
