import { chmodSync, cpSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { CNIS } from "./cnis.ts";
import { copyModule, goBuild, goRecipe, goSources, kubernetesStamps } from "./goModule.ts";
import { IMAGE_ARTIFACTS } from "./images/imageArtifacts.ts";
import { officialElse, unpack } from "./official.ts";
import type { Artifact, BuildContext, Cost } from "./artifact.ts";
import { downloadRecipe, downloads, type Download } from "../plan/downloads.ts";
import { versions, type PluginName } from "../plan/versions.ts";
import { thisTarget } from "../system/thisTarget.ts";

const official = downloads(thisTarget());

/** Of the programs for the command line and the plugin, which share most of their sources. */
const commandLine: Cost = { build: true, disk: 10, minutes: 18 };

/** A single program, downloaded as it is, else built. */
function program(name: string, version: string, source: Download, build: Build): Artifact {
    return {
        name,
        version,
        needs: [],
        cost: build.cost,
        official: source,
        recipe: () => [downloadRecipe(source), ...build.recipe],
        make: (into, context) =>
            officialElse(
                source,
                into,
                context,
                () => build.make(into, context),
                (file) => {
                    renameSync(file, join(into, name));
                    chmodSync(join(into, name), 0o755);
                },
            ),
    };
}

interface Build {
    cost: Cost;
    recipe: string[];
    make(into: string, context: BuildContext): Promise<void>;
}

const kind = program("kind", versions.kind, official.kind, {
    cost: commandLine,
    recipe: goRecipe("kind"),
    make: (into, context) =>
        goBuild(context, {
            module: "kind",
            package: "sigs.k8s.io/kind",
            output: join(into, "kind"),
        }),
});

const kubectl = program("kubectl", versions.kubernetes, official.kubectl, {
    cost: commandLine,
    recipe: [...goRecipe("kubernetes"), ...kubernetesStamps()],
    make: (into, context) =>
        goBuild(context, {
            module: "kubernetes",
            package: "k8s.io/kubernetes/cmd/kubectl",
            output: join(into, "kubectl"),
            ldflags: kubernetesStamps(),
        }),
});

/** Without the stamp the command line refuses whatever is newer than its idea of itself. */
const PULUMI_STAMP = `-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=${versions.pulumi}`;

/**
 * The Pulumi command line with its language host for Node beside it. The host that is built is older (v3.68.0, the
 * last one that is part of a module in the registry); the protocol between them has not changed since.
 */
const pulumi: Artifact = {
    name: "pulumi",
    version: versions.pulumi,
    needs: [],
    cost: commandLine,
    official: official.pulumi,
    recipe: () => [
        downloadRecipe(official.pulumi),
        PULUMI_STAMP,
        ...goRecipe("pulumi"),
        ...goRecipe("pulumi-language-nodejs"),
    ],
    make: (into, context) =>
        officialElse(
            official.pulumi,
            into,
            context,
            async () => {
                await goBuild(context, {
                    module: "pulumi",
                    package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
                    output: join(into, "pulumi"),
                    ldflags: [PULUMI_STAMP],
                });
                await goBuild(context, {
                    module: "pulumi-language-nodejs",
                    package: "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
                    output: join(into, "pulumi-language-nodejs"),
                });
            },
            (archive) => unpack(context, archive, into, ["--strip-components=1"]),
        ),
};

/** An official provider plugin; `build` says what to do where it cannot be downloaded. */
function plugin(name: PluginName, build: Build): Artifact {
    const source = official.plugins[name];
    return {
        name: `pulumi-resource-${name}`,
        version: versions.plugins[name],
        needs: [],
        cost: build.cost,
        official: source,
        recipe: () => [downloadRecipe(source), ...build.recipe],
        make: (into, context) =>
            officialElse(
                source,
                into,
                context,
                () => build.make(into, context),
                (archive) => unpack(context, archive, into, []),
            ),
    };
}

const KUBERNETES_PROVIDER = "github.com/pulumi/pulumi-kubernetes/provider/v4";
const KUBERNETES_PLUGIN_STAMP = `-X ${KUBERNETES_PROVIDER}/pkg/version.Version=${versions.plugins.kubernetes}`;

const kubernetesPlugin = plugin("kubernetes", {
    cost: commandLine,
    recipe: [KUBERNETES_PLUGIN_STAMP, ...goRecipe("pulumi-resource-kubernetes")],
    async make(into, context) {
        const module = "pulumi-resource-kubernetes";
        // Our main program embeds two files of the provider's, so it is built in a copy that has them.
        const sources = await goSources(context, module, KUBERNETES_PROVIDER);
        const directory = join(into, "module");
        copyModule(module, directory);
        for (const file of ["schema.json", "terraform-mapping.json"]) {
            cpSync(join(sources, "cmd", module, file), join(directory, file));
        }
        await goBuild(context, {
            module,
            package: ".",
            output: join(into, module),
            ldflags: [KUBERNETES_PLUGIN_STAMP],
            directory,
        });
        rmSync(directory, { recursive: true });
    },
});

/** These two are in no Go module that the registry serves. `plugins.ts` has something in their place then. */
const notBuildable: Build = {
    cost: { build: false, disk: 0, minutes: 0 },
    recipe: [],
    async make() {
        throw new Error("It cannot be built from a Go module of the registry either.");
    },
};

/** The OCI runtime for an engine of our own, on machines that lack a capability. */
const runcWrapper: Artifact = {
    name: "runc-wrapper",
    version: "1",
    needs: [],
    cost: { build: true, disk: 0, minutes: 1 },
    recipe: () => goRecipe("runc-wrapper"),
    make: (into, context) =>
        goBuild(context, {
            module: "runc-wrapper",
            package: ".",
            output: join(into, "runc-wrapper"),
        }),
};

export const ARTIFACTS: Artifact[] = [
    kind,
    kubectl,
    pulumi,
    kubernetesPlugin,
    plugin("docker", notBuildable),
    plugin("command", notBuildable),
    runcWrapper,
    ...IMAGE_ARTIFACTS,
    ...CNIS.map(({ chart }) => chart.artifact),
];
