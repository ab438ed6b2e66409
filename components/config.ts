import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { hostRanges } from "./host.ts";
import { resolveImages, type Images } from "./images.ts";
import { planTopology, type Plan } from "./topology/plan.ts";
import { formatProblems } from "./topology/problem.ts";
import { hostConflicts, validateConfig } from "./topology/validate.ts";

/** A stack's configuration, read, checked and planned. */
export interface Loaded {
    plan: Plan;
    images: Images;
    runtime: "docker" | "podman";
    archives: string[];
}

/**
 * Reads the stack's configuration and plans it. Throws one error that lists every fault, among them overlaps with
 * what this machine uses already, before any resource is registered.
 */
export async function loadTopology(): Promise<Loaded> {
    const owner = { project: pulumi.getProject(), stack: pulumi.getStack() };
    const result = validateConfig(rawConfig(owner.project), owner);
    if ("problems" in result) throw new pulumi.RunError(formatProblems(result.problems));
    const { topology } = result;
    const plan = planTopology(topology, owner);
    const conflicts = hostConflicts(plan, await hostRanges(topology.runtime, owner));
    if (conflicts.length > 0) throw new pulumi.RunError(formatProblems(conflicts));
    const { archives, ...images } = topology.images;
    return {
        plan,
        images: resolveImages(images, localImages()),
        runtime: topology.runtime,
        archives,
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

/** References of images that were made on this machine, where no registry can be reached. */
function localImages(): Partial<Images> {
    const file = process.env["MULTINET_IMAGES"];
    return file ? (JSON.parse(readFileSync(file, "utf8")) as Partial<Images>) : {};
}
