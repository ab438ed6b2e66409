import { configFileOf } from "../../cli/project.ts";
import { stackConfig } from "../../cli/state/stackFile.ts";

type Section = Record<string, unknown>;

/** What these tests read of a stack's configuration. */
export interface Scenario extends Section {
    clusters: Record<string, { memory?: string } & Section>;
    networks: Record<string, { type: string; cidr?: string } & Section>;
    demo?: { deployments: number; plain: number };
}

/** The configuration of a stack that ships with this project. */
export function scenarioOf(stack: string): Scenario {
    return stackConfig(configFileOf(stack)) as Scenario;
}

/** Calico, Multus and Cilium in one cluster. */
export const scenario = scenarioOf("cilium");

/** Its cluster, and its network of Cilium's with the range of all nodes together. */
export const [CLUSTER = ""] = Object.keys(scenario.clusters);
export const [NETWORK = ""] = Object.entries(scenario.networks)
    .filter(([, { type }]) => type === "cilium")
    .map(([name]) => name);
export const POOL = scenario.networks[NETWORK]!.cidr!;

/** How many demo pods join that network, and how many have Calico alone. */
export const { deployments: DEMOS, plain: PLAIN } = scenario.demo!;

/** The same with other keys in its cluster. */
export function withCluster(keys: Section): Scenario {
    const cluster = { ...scenario.clusters[CLUSTER], ...keys };
    return { ...scenario, clusters: { [CLUSTER]: cluster } };
}

/** The same with other keys in its network. */
export function withNetwork(keys: Section): Scenario {
    const network = { ...scenario.networks[NETWORK]!, ...keys };
    return { ...scenario, networks: { ...scenario.networks, [NETWORK]: network } };
}
