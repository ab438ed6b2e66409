import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Cni } from "./cnis.ts";
import { goRecipe, goSources } from "./goModule.ts";
import type { ArtifactDirectory } from "./images/components.ts";
import type { Artifact } from "./artifact.ts";
import { versions } from "../plan/versions.ts";

interface ModuleFiles {
    name: string;
    version: string;
    /** Folder under `source-builds/modules`. */
    module: string;
    /** The module that has the files, which that one depends on. */
    dependency: string;
    /** What the files and folders are called here, and where they are there. */
    files: Record<string, string>;
    /** What to replace in one of them: its path here, what is there, and what it becomes. */
    edit?: [path: string, from: string, to: string];
}

/** An artifact of files and folders that come with a pinned Go module. */
function moduleFiles({ name, version, module, dependency, files, edit }: ModuleFiles): Artifact {
    return {
        name,
        version,
        needs: [],
        recipe: () => [JSON.stringify([dependency, files, edit]), ...goRecipe(module)],
        async make(into, context) {
            const sources = await goSources(context, module, dependency);
            for (const [path, source] of Object.entries(files)) {
                await cp(join(sources, source), join(into, path), { recursive: true });
            }
            // Go keeps its sources read-only.
            await context.run("chmod", ["--recursive", "u+w", into]);
            if (edit) {
                await replaceIn(join(into, edit[0]), edit[1], edit[2]);
            }
        },
    };
}

async function replaceIn(file: string, from: string, to: string): Promise<void> {
    const text = await readFile(file, "utf8");
    if (!text.includes(from)) {
        throw new Error(`"${from}" is not in ${file}; adapt the edit to this version of it.`);
    }
    await writeFile(file, text.replace(from, to));
}

const calico = { module: "calico", dependency: "github.com/projectcalico/calico" };
const cilium = { module: "cilium", dependency: "github.com/cilium/cilium" };

/** Where in its artifact the chart of a CNI plugin is. */
const charts = { calico: "tigera-operator", cilium: "cilium" } satisfies Record<Cni, string>;

export function chartArtifact(cni: Cni): string {
    return `${cni}-chart`;
}

/** The directory of a chart, by where finished artifacts are. */
export function chartDirectory(cni: Cni, dir: ArtifactDirectory): string {
    return join(dir(chartArtifact(cni)), charts[cni]);
}

/** Charts of CNI plugins, for machines that cannot fetch them from their repositories. */
export const CHART_ARTIFACTS: Artifact[] = [
    moduleFiles({
        ...calico,
        name: chartArtifact("calico"),
        version: versions.calico,
        files: { [charts.calico]: "charts/tigera-operator" },
        // The number is put in when the chart is released.
        edit: [
            join(charts.calico, "Chart.yaml"),
            "\nversion: v0.0\n",
            `\nversion: ${versions.calico}\n`,
        ],
    }),
    moduleFiles({
        ...cilium,
        name: chartArtifact("cilium"),
        version: versions.cilium,
        files: { [charts.cilium]: "install/kubernetes/cilium" },
    }),
];

/** What images of CNI plugins hold besides programs. */
export const CNI_FILES: Artifact[] = [
    moduleFiles({
        ...calico,
        name: "calico-files",
        version: versions.calico,
        files: { node: "node/filesystem", "typha.cfg": "typha/docker-image/typha.cfg" },
    }),
    moduleFiles({
        ...cilium,
        name: "cilium-files",
        version: versions.cilium,
        files: {
            bpf: "bpf",
            "init-container.sh": "images/cilium/init-container.sh",
            "install-plugin.sh": "plugins/cilium-cni/install-plugin.sh",
            "cni-uninstall.sh": "plugins/cilium-cni/cni-uninstall.sh",
        },
    }),
];
