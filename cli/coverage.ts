import type { ExpectedMatrix } from "../plan/plan.ts";
import { planTopology } from "../plan/planTopology.ts";
import { validateConfig } from "../plan/config/validate.ts";
import { equal } from "../provider/equal.ts";
import type { MatrixInputs } from "../provider/matrix/inputs.ts";
import { PROJECT_NAME } from "./state/stack.ts";

/**
 * What of a stack, as its configuration describes it, a matrix does not cover: there was no update since that came to
 * its end. `config` has the keys of the stack file.
 */
export function notCovered(
    inputs: MatrixInputs,
    stack: string,
    config: Record<string, unknown>,
): string[] {
    const owner = { project: PROJECT_NAME, stack };
    const result = validateConfig(config, owner);
    if ("problems" in result) {
        const keys = result.problems.map(({ key }) => key);
        return [`the configuration, which is not valid (${keys.join(", ")})`];
    }
    const { clusters, reachability } = planTopology(result.topology, owner);
    const missing = [
        ...absent("cluster", names(clusters), names(inputs.clusters)),
        ...absent("network", names(reachability.networks), names(inputs.networks)),
        ...absent("node", nodes(reachability), nodes(inputs)),
        ...absent("pod", pods(reachability), pods(inputs)),
    ];
    const same = equal(comparable(reachability, reachability), comparable(inputs, reachability));
    return missing.length > 0 || same ? missing : ["other changes of the configuration"];
}

type Part = Pick<MatrixInputs, "networks" | "pairs" | "free" | "multicast" | "unique">;

function absent(what: string, wanted: string[], there: string[]): string[] {
    const known = new Set(there);
    return wanted.filter((name) => !known.has(name)).map((name) => `${what} ${name}`);
}

function names(all: { name: string }[]): string[] {
    return all.map(({ name }) => name);
}

function nodes({ networks }: Part): string[] {
    return [...new Set(networks.flatMap(({ slices }) => Object.keys(slices)))];
}

function pods({ pairs }: Part): string[] {
    return [...new Set(pairs.map(({ from: { cluster, demo } }) => `${cluster}/${demo}`))];
}

/** What the plan decides: not which ranges Cilium gave its nodes. */
function comparable(
    { networks, pairs, free, multicast, unique = [] }: Part,
    plan: ExpectedMatrix,
): Part {
    const planned = new Map(plan.networks.map((network) => [network.name, network]));
    return {
        networks: networks.map((network) =>
            planned.get(network.name)?.overlay ? { ...network, slices: {} } : network,
        ),
        pairs,
        free,
        multicast,
        unique,
    };
}
