import type { ParsedConfig } from "../config/parsedConfig.ts";
import { settingsOf } from "../config/schema.ts";
import { NETWORK_TYPES, typeOf } from "../networks/types.ts";
import { primaryOf, PRIMARY_TYPES } from "../primaries/types.ts";
import { nearest, problem, quoted, type Problem } from "../problem.ts";
import { joins } from "../config/topology.ts";

/** Problems of what is put together: which clusters join a network, and what they have beside it. */
export function membershipProblems(parsed: ParsedConfig): Problem[] {
    return [
        ...[...parsed.networks].flatMap(([name, { clusters }]) =>
            clusters ? listed(name, clusters, parsed.clusterNames) : [],
        ),
        ...sectionsWithoutPrimary(parsed),
        ...installedTwice(parsed),
        ...problemsOfTypes(parsed),
    ];
}

/** Problems of a list of clusters that join a network. */
function listed(network: string, clusters: string[], known: string[]): Problem[] {
    const path = ["networks", network, "clusters"];
    if (clusters.length === 0) {
        return [
            problem(path, clusters, {
                reason: "No cluster joins the network, so it would be nowhere.",
                fix: "Name clusters that join it, or leave the key out: then all do.",
            }),
        ];
    }
    return clusters.flatMap((name, i) => {
        if (clusters.indexOf(name) < i) {
            const fix = "Remove one of the two.";
            return problem([...path, i], name, { reason: `"${name}" is named twice.`, fix });
        }
        if (known.includes(name) || known.length === 0) {
            return [];
        }
        const meant = nearest(name, known);
        return problem([...path, i], name, {
            reason: `There is no cluster "${name}"${meant ? `; "${meant}" was probably meant` : ""}.`,
            fix: `Name clusters of this stack: ${quoted(known)}.`,
        });
    });
}

function sectionsWithoutPrimary({ clusters }: ParsedConfig): Problem[] {
    return [...clusters].flatMap(([name, cluster]) =>
        PRIMARY_TYPES.filter(
            (type) => settingsOf(cluster, type) && cluster.primary !== type.name,
        ).map((type) =>
            problem(["clusters", name, type.name], settingsOf(cluster, type), {
                reason: `This section is for a cluster whose primary network is ${type.name}, but that of "${name}" is ${cluster.primary}.`,
                fix: `Add primary: ${type.name}, or remove the section.`,
            }),
        ),
    );
}

/** A node runs what a chart installs once: as its primary network, or for one extra network. */
function installedTwice({ clusters, networks }: ParsedConfig): Problem[] {
    /** By chart and cluster, what it is there. */
    const users = new Map<string, string>(
        [...clusters].flatMap(([name, cluster]) => {
            const { installs } = primaryOf(cluster);
            return installs ? [[`${installs.chart} ${name}`, "its primary network"]] : [];
        }),
    );
    return [...networks].flatMap(([name, network]) => {
        const { installs } = typeOf(network);
        if (!installs) {
            return [];
        }
        const { chart, title } = installs;
        const joining = [...clusters.keys()].filter((cluster) => joins(network, cluster));
        const taken = joining.filter((cluster) => users.has(`${chart} ${cluster}`));
        const free = joining.filter((cluster) => !taken.includes(cluster));
        for (const cluster of free) {
            users.set(`${chart} ${cluster}`, `network "${name}"`);
        }
        if (taken.length === 0) {
            return [];
        }
        return problem(["networks", name, "clusters"], network.clusters, {
            reason: `A node runs one ${title}, and in cluster ${quoted(taken)} that is ${users.get(`${chart} ${taken[0]}`)}.`,
            fix:
                free.length > 0
                    ? `Let only the others join: clusters: [${free.join(", ")}].`
                    : `Take another type of network, or clusters without ${title}.`,
        });
    });
}

/** What each type of network says of its own. */
function problemsOfTypes(parsed: ParsedConfig): Problem[] {
    const networks = [...parsed.networks];
    return NETWORK_TYPES.flatMap((type) => {
        const own = networks.filter(([, network]) => network.type === type.name);
        return type.problems?.(own, parsed) ?? [];
    });
}
