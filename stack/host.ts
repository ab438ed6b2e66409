import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { agentPlanProblems } from "../plan/agentPlan.ts";
import {
    mirrorOf,
    resolveCharts,
    resolveImages,
    type Archive,
    type Charts,
    type Images,
    type Local,
} from "../plan/images.ts";
import {
    kernelProblems,
    madeImagesProblems,
    pluginProblems,
} from "../plan/rules/hostRequirements.ts";
import { containerNetworks, hostRanges } from "../provider/runtime/hostRanges.ts";
import {
    podmanProblems,
    podmanRanges,
    podmanWarnings,
    type PodmanFacts,
} from "../plan/rules/podmanHost.ts";
import type { Plan } from "../plan/plan.ts";
import { readArchives } from "./archives.ts";
import {
    bridgeMade,
    bridgeMtu,
    bridgeProblems,
    bridgeToAdopt,
    bridgeWarning,
    ifThere,
    kernelOptions,
    rangeProblems,
    rangeWarning,
    runtimeProblems,
} from "./machine.ts";
import { type RegistryAccess, registryAccess } from "./registries.ts";
import type { Registries } from "../provider/kind/registries.ts";
import { refusal, type Planned } from "./planned.ts";
import { podmanFacts } from "../provider/runtime/podmanFacts.ts";

/** What a testbed needs to know of the machine that it is on. */
export interface Host {
    images: Images;
    charts: Charts;
    /** Registry host and path from which the images of the charts of others are taken. */
    mirror?: string | undefined;
    /** See `KindClusterArgs`. */
    registries?: Registries | undefined;
    /** See `RegistryAccess`. */
    engineAccess?: RegistryAccess["engineAccess"];
    /** See `BridgeArgs`. */
    bridge?: { made?: string | undefined; mtu?: number | undefined; adopt?: string | undefined };
    /** Folder with CNI plugins that kind's node image lacks, if there is one. */
    cniPlugins?: string | undefined;
    /** To load into every node. */
    archives: Archive[];
    /** Folder for the clusters' kubeconfig files. */
    kubeconfigs: string;
}

/**
 * Looks at this machine for a stack. Rejects with one error that lists what its kernel and images lack and what overlaps
 * with what it uses already; of a stack that is there that is a warning. `stateDir` is where CNI plugins are, and
 * kubeconfigs go.
 */
export async function hostOf(
    planned: Planned,
    stateDir: string,
    secrets: ReadonlySet<string>,
): Promise<Host> {
    const { topology, plan } = planned;
    const { archives: paths, mirror: from, ca, ...named } = topology.images;
    const { mirror, plain } = from === undefined ? { plain: false } : mirrorOf(from);
    const local = mirror === undefined ? localImages() : {};
    const images = resolveImages({ ...named, mirror }, local);
    const cniPlugins = ifThere(join(stateDir, "cni-plugins"));
    const podman = topology.runtime === "podman" ? await ablePodman(plan, secrets) : undefined;
    const networks = await containerNetworks(topology.runtime, plan).catch((error: Error) => {
        throw new pulumi.RunError(error.message); // without a stack trace
    });
    const used = [...(await hostRanges(networks)), ...(podman ? podmanRanges(podman) : [])];
    const { archives, problems: unreadable } = await readArchives(paths);
    const access = await registryAccess(images, { mirror, ca, plain });
    const problems = [
        ...unreadable,
        ...access.problems,
        ...(await runtimeProblems(topology.runtime)),
        ...bridgeProblems(networks, plan),
        ...kernelProblems(plan, kernelOptions()),
        ...agentPlanProblems(plan),
        ...pluginProblems(plan, (cniPlugins ?? named.node) !== undefined),
        ...(images.node === local.node ? madeImagesProblems(plan, local.charts) : []),
        ...rangeProblems(networks, planned, used),
    ];
    if (problems.length > 0) {
        throw refusal(problems, secrets);
    }
    for (const warning of [bridgeWarning(networks, plan), rangeWarning(networks, planned, used)]) {
        if (warning !== undefined) {
            void pulumi.log.warn(warning);
        }
    }
    return {
        images,
        charts: resolveCharts(local),
        mirror,
        registries: access.registries,
        engineAccess: access.engineAccess,
        bridge: {
            made: bridgeMade(networks),
            mtu: bridgeMtu(networks),
            adopt: bridgeToAdopt(networks, plan.bridge),
        },
        cniPlugins,
        archives,
        kubeconfigs: join(stateDir, "kubeconfigs", plan.stack),
    };
}

/** What this machine tells of its Podman. Throws one error with all that keeps it from running the plan's nodes. */
async function ablePodman(plan: Plan, secrets: ReadonlySet<string>): Promise<PodmanFacts> {
    const facts = await podmanFacts();
    const nodes = plan.clusters.flatMap((cluster) => cluster.nodes).length;
    const problems = podmanProblems(facts, nodes);
    if (problems.length > 0) {
        throw refusal(problems, secrets);
    }
    for (const warning of podmanWarnings(facts)) {
        void pulumi.log.warn(warning);
    }
    return facts;
}

/** What was made on this machine, where no registry can be reached. */
function localImages(): Local {
    const file = process.env["MULTINET_IMAGES"];
    return file ? (JSON.parse(readFileSync(file, "utf8")) as Local) : {};
}
