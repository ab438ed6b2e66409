import * as pulumi from "@pulumi/pulumi";
import { isPlainMap } from "../plan/helmValues.ts";
import type { ClusterPlan, HelmValues, Plan } from "../plan/plan.ts";

/** Exported by the SDK, but not in its types. */
interface ConfigRuntime {
    isConfigSecret: (this: void, key: string) => boolean;
}

/**
 * The sections of the configuration that hold a secret. The engine hands a section over as one text, and says of the whole
 * that it is secret if any value in it is.
 */
export function secretSections(project: string, sections: string[]): Set<string> {
    const { isConfigSecret } = pulumi.runtime as unknown as ConfigRuntime;
    return new Set(sections.filter((section) => isConfigSecret(`${project}:${section}`)));
}

/**
 * The plan, with the values of charts kept secret where their section is. Nothing else of a configuration can hold a
 * credential: it is names, numbers and addresses, of which resources are made that show them.
 */
export function withSecrets(plan: Plan, sections: ReadonlySet<string>): Plan {
    if (sections.has("clusters")) {
        plan = { ...plan, clusters: plan.clusters.map(secretCluster) };
    }
    return sections.has("networks") ? { ...plan, networks: plan.networks.map(hidden) } : plan;
}

function secretCluster({ settings, ...cluster }: ClusterPlan): ClusterPlan {
    return { ...cluster, ...(settings && { settings: hidden(settings) }) };
}

/** The same part of a plan; only the values of a chart can hold a secret. */
function hidden<T extends object>(part: T): T {
    return "values" in part ? { ...part, values: secret(part.values as HelmValues) } : part;
}

/** The same values, of which only the keys are shown: not in the state, in a preview or in a message. */
function secret(values: HelmValues): HelmValues {
    return Object.fromEntries(
        Object.entries(values).map(([key, value]) => [
            key,
            isPlainMap(value) ? secret(value) : pulumi.secret(value),
        ]),
    );
}
