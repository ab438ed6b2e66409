import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { agentPlanProblems } from "../plan/agentPlan.ts";
import { readArchives } from "./archives.ts";
import {
    bridgeMade,
    bridgeProblems,
    bridgeToAdopt,
    bridgeWarning,
    containerNetworks,
    hostRanges,
    ifThere,
    kernelOptions,
    runtimeProblems,
} from "./machine.ts";
import {
    resolveCharts,
    resolveImages,
    type Archive,
    type Charts,
    type Images,
    type Local,
} from "../plan/images.ts";
import { secretSections, withSecrets } from "./secrets.ts";
import { hostConflicts } from "../plan/rules/hostConflicts.ts";
import {
    kernelProblems,
    madeImagesProblems,
    pluginProblems,
} from "../plan/rules/hostRequirements.ts";
import type { Plan } from "../plan/plan.ts";
import { planTopology } from "../plan/planTopology.ts";
import { formatProblems, withoutValues, type Problem } from "../plan/problem.ts";
import { validateConfig } from "../plan/config/validate.ts";

/** A stack's configuration, read, checked and planned. */
export interface Loaded {
    plan: Plan;
    images: Images;
    charts: Charts;
    mirror: string | undefined;
    /** See `BridgeArgs.made`. */
    bridgeMade: string | undefined;
    /** See `BridgeArgs.adopt`. */
    bridgeToAdopt: string | undefined;
    runtime: "docker" | "podman";
    /** Folder with CNI plugins that kind's node image lacks, if there is one. */
    cniPlugins: string | undefined;
    archives: Archive[];
}

/**
 * Reads the stack's configuration and plans it. Throws one error that lists every problem of the file; or, if there is
 * none, what this machine's kernel and images lack and what overlaps with what it uses already. No resource is registered
 * before that.
 * `plugins` is the folder where this machine's CNI plugins should be.
 */
export async function loadTopology(plugins: string): Promise<Loaded> {
    const owner = { project: pulumi.getProject(), stack: pulumi.getStack() };
    const raw = rawConfig(owner.project);
    const secrets = secretSections(owner.project, Object.keys(raw));
    const refusal = (all: readonly Problem[]) =>
        new pulumi.RunError(formatProblems(withoutValues(all, secrets)));
    const result = validateConfig(raw, owner);
    if ("problems" in result) {
        throw refusal(result.problems);
    }
    const { topology } = result;
    const plan = planTopology(topology, owner);
    const { archives: paths, mirror, ...named } = topology.images;
    const local = mirror === undefined ? localImages() : {};
    const images = resolveImages({ ...named, mirror }, local);
    const cniPlugins = ifThere(plugins);
    const networks = await containerNetworks(topology.runtime, owner);
    const archives = await readArchives(paths);
    const lacking = [
        ...archives.problems,
        ...(await runtimeProblems(topology.runtime)),
        ...bridgeProblems(networks, plan),
        ...kernelProblems(plan, kernelOptions()),
        ...agentPlanProblems(plan),
        ...pluginProblems(plan, (cniPlugins ?? named.node) !== undefined),
        ...(images.node === local.node ? madeImagesProblems(plan, local.charts) : []),
        ...hostConflicts(plan, hostRanges(networks)),
    ];
    if (lacking.length > 0) {
        throw refusal(lacking);
    }
    const warning = bridgeWarning(networks, plan);
    if (warning !== undefined) {
        void pulumi.log.warn(warning);
    }
    return {
        plan: withSecrets(plan, secrets),
        images,
        charts: resolveCharts(local),
        mirror,
        bridgeMade: bridgeMade(networks),
        bridgeToAdopt: bridgeToAdopt(networks, plan.bridge),
        runtime: topology.runtime,
        cniPlugins,
        archives: archives.archives,
    };
}

/** Every key of the project, known or not, with the value that was written. */
function rawConfig(project: string): Record<string, unknown> {
    const prefix = `${project}:`;
    return Object.fromEntries(
        Object.entries(pulumi.runtime.allConfig())
            .filter(([key]) => key.startsWith(prefix))
            .map(([key, text]) => [key.slice(prefix.length), parsed(text)]),
    );
}

/** The engine hands objects and lists over as JSON, all else as it was written. */
function parsed(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return text;
    }
}

/** What was made on this machine, where no registry can be reached. */
function localImages(): Local {
    const file = process.env["MULTINET_IMAGES"];
    return file ? (JSON.parse(readFileSync(file, "utf8")) as Local) : {};
}
