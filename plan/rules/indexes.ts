import { blockCount, cidrOf } from "../cidr.ts";
import type { ParsedConfig } from "../config/parsedConfig.ts";
import { typeOf } from "../networks/types.ts";
import { plural, problem, quoted, type Problem } from "../problem.ts";
import { indexOf, joins, networkRange } from "../config/topology.ts";

/** Problems of the clusters' indexes: none, the same twice, or one for which a range has no block. */
export function indexProblems(parsed: ParsedConfig): Problem[] {
    return [...unclear(parsed), ...outOfRange(parsed)];
}

function unclear({ clusters }: ParsedConfig): Problem[] {
    const holders = Map.groupBy(clusters.keys(), (name) => indexOf(name, clusters.get(name)!));
    let candidate = 1;
    const nextFree = () => {
        while (holders.has(candidate)) {
            candidate++;
        }
        return candidate++;
    };
    return [...holders].flatMap(([index, names]) =>
        names.slice(index === undefined ? 0 : 1).map((name) =>
            problem(["clusters", name, "index"], clusters.get(name)!.index, {
                reason:
                    index === undefined
                        ? `The cluster has no index: "${name}" does not end in a number, and no index is stated.`
                        : `The clusters ${quoted(names)} have the same index ${index} (stated, or the number at the end of the name), so they would get the same addresses.`,
                fix: `State ${index === undefined ? "one" : "another"}, such as ${name}: { index: ${nextFree()} }, or rename the cluster.`,
            }),
        ),
    );
}

function outOfRange({ clusters, networks, addresses }: ParsedConfig): Problem[] {
    const shared = [...networks].flatMap(([name, network]) => {
        const range = networkRange(network);
        const prefix = typeOf(network).division.blockPrefix(network);
        if (prefix === undefined || range === undefined) {
            return [];
        }
        return [{ network, ...limit(`network "${name}"`, range, prefix) }];
    });
    const pool = (kind: "pods" | "services") =>
        addresses ? [limit(`addresses.${kind}`, addresses[kind], addresses.clusterPrefix)] : [];
    return [...clusters].flatMap(([name, cluster]) => {
        const index = indexOf(name, cluster);
        const [tightest] = [
            ...shared.filter(({ network }) => joins(network, name)),
            ...(cluster.podSubnet === undefined ? pool("pods") : []),
            ...(cluster.serviceSubnet === undefined ? pool("services") : []),
        ]
            .filter(({ blocks }) => blocks > 0 && index !== undefined && index >= blocks)
            .sort((a, b) => a.blocks - b.blocks);
        if (!tightest) {
            return [];
        }
        const { what, range, prefix, blocks } = tightest;
        return problem(["clusters", name, "index"], cluster.index, {
            reason: `Index ${index} is out of range: ${what}, ${range}, has ${plural(blocks, "block")} of /${prefix}, counted from 0.`,
            fix: `State an index from 0 to ${blocks - 1}, or give ${what} a larger range or smaller blocks (a longer clusterPrefix).`,
        });
    });
}

function limit(what: string, range: string, prefix: number) {
    return { what, range, prefix, blocks: blockCount(cidrOf(range), prefix) };
}
