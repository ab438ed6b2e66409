import type { ParsedConfig } from "../config/parsedConfig.ts";
import { multicastGroup } from "../names.ts";
import { nearest, problem, quoted, type Problem } from "../problem.ts";
import { joins } from "../config/topology.ts";

/** Problems of what is put together: which clusters join a network, and what they have beside it. */
export function membershipProblems(parsed: ParsedConfig): Problem[] {
    return [
        ...[...parsed.networks].flatMap(([name, { clusters }]) =>
            clusters ? listed(name, clusters, parsed.clusterNames) : [],
        ),
        ...sectionsWithoutPrimary(parsed),
        ...ciliumTwice(parsed),
        ...sameGroups(parsed),
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
        (["calico", "cilium"] as const)
            .filter((section) => cluster[section] && cluster.primary !== section)
            .map((section) =>
                problem(["clusters", name, section], cluster[section], {
                    reason: `This section is for a cluster whose primary network is ${section}, but that of "${name}" is ${cluster.primary}.`,
                    fix: `Add primary: ${section}, or remove the section.`,
                }),
            ),
    );
}

/** A node runs one Cilium: as its primary network, or for one extra network. */
function ciliumTwice({ clusters, networks }: ParsedConfig): Problem[] {
    /** By cluster, what Cilium is there. */
    const users = new Map(
        [...clusters].flatMap(([name, { primary }]) =>
            primary === "cilium" ? [[name, "its primary network"]] : [],
        ),
    );
    return [...networks].flatMap(([name, network]) => {
        if (network.type !== "cilium") {
            return [];
        }
        const joining = [...clusters.keys()].filter((cluster) => joins(network, cluster));
        const taken = joining.filter((cluster) => users.has(cluster));
        const free = joining.filter((cluster) => !users.has(cluster));
        for (const cluster of free) {
            users.set(cluster, `network "${name}"`);
        }
        if (taken.length === 0) {
            return [];
        }
        return problem(["networks", name, "clusters"], network.clusters, {
            reason: `A node runs one Cilium, and in cluster ${quoted(taken)} that is ${users.get(taken[0]!)}.`,
            fix:
                free.length > 0
                    ? `Let only the others join: clusters: [${free.join(", ")}].`
                    : "Take another type of network, or clusters without Cilium.",
        });
    });
}

/** The proof could not tell whose datagrams arrive. */
function sameGroups({ networks }: ParsedConfig): Problem[] {
    const macvlans = [...networks].flatMap(([name, { type }]) => (type === "macvlan" ? name : []));
    return [...Map.groupBy(macvlans, multicastGroup)].flatMap(([group, names]) =>
        names.slice(1).map((name) =>
            problem(["networks", name], name, {
                reason: `The names ${quoted(names)} give their networks the same multicast group, ${group}.`,
                fix: "Rename the network.",
            }),
        ),
    );
}
