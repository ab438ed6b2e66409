import { cidrOf, looseCidr, overlaps } from "../cidr.ts";
import { prefixFor } from "../networks/division.ts";
import { typeOf } from "../networks/types.ts";
import { freeRanges } from "./overlaps.ts";
import type { Plan } from "../plan.ts";
import { enumerate, plural, problem, type Path, type Problem } from "../problem.ts";

/** A range that something on this machine uses which is not part of the stack. */
export interface HostRange {
    /** IPv4 range with or without host bits; others and the default route are ignored. */
    cidr: string;
    /** Whose it is, such as `docker network "kind"` or `host route via eth0`. */
    what: string;
}

/** Where the plan's ranges overlap with what this machine uses already: one problem for each key to change. */
export function hostConflicts(plan: Plan, hostRanges: readonly HostRange[]): Problem[] {
    const inUse = hostRanges.flatMap(({ cidr: text, what }) => {
        const cidr = looseCidr(text);
        return cidr && cidr.prefix > 0 ? { cidr, what: `${text} (${what})` } : [];
    });
    const users = (range: string) => inUse.filter(({ cidr }) => overlaps(cidr, cidrOf(range)));
    const clashes = subjectsOf(plan, (range) => users(range).length > 0);
    // Small ranges first, so that the large ones take their places from what the small ones leave.
    clashes.sort((a, b) => b.instead.at(-1)! - a.instead.at(-1)!);
    const suggest = freeRanges([...inUse.map(({ cidr }) => cidr), ...rangesOf(plan).map(cidrOf)]);
    return clashes.map(({ path, what, ranges, instead }) => {
        const others = new Set(ranges.flatMap(users).map((user) => user.what));
        const free = suggest(...instead);
        return problem(path, ranges.length === 1 ? ranges[0] : ranges, {
            reason: `${ranges[0]} (${what}) overlaps with what this machine uses already: ${enumerate([...others])}.`,
            fix: `Set it to a range that is free${free ? `, such as "${free}"` : ""}, or remove the other user.`,
        });
    });
}

/** Ranges of the plan that one key of the configuration changes. */
interface Subject {
    path: Path;
    what: string;
    ranges: string[];
    /** Prefix lengths of ranges that could stand at the key instead, the best first. */
    instead: number[];
}

/** The parts of the plan whose ranges clash; where several clusters do, their common pool is what to change. */
function subjectsOf(plan: Plan, clashes: (range: string) => boolean): Subject[] {
    const blocks = plan.clusters.at(-1)!.index + 1;
    const nodes = Math.max(2, ...plan.clusters.map(({ nodes }) => nodes.length));

    function single(path: Path, what: string, range: string, enough?: number): Subject[] {
        const instead = [cidrOf(range).prefix, ...(enough === undefined ? [] : [enough])];
        return clashes(range) ? [{ path, what, ranges: [range], instead }] : [];
    }

    function pool(name: string, key: "podSubnet" | "serviceSubnet", noun: string): Subject[] {
        const [first, ...more] = plan.clusters.filter((cluster) => clashes(cluster[key]));
        if (!first) {
            return [];
        }
        const what = `the ${noun} of cluster "${first.name}"`;
        if (more.length === 0) {
            return single(["clusters", first.name, key], what, first[key]);
        }
        return [
            {
                path: ["addresses", name],
                what: `${what} and of ${plural(more.length, "more cluster")}`,
                ranges: [first, ...more].map((cluster) => cluster[key]),
                instead: [prefixFor(blocks, cidrOf(first[key]).prefix)],
            },
        ];
    }

    return [
        ...single(["bridge", "subnet"], "the docker network of the stack", plan.bridge.subnet),
        ...plan.networks.flatMap((network) => {
            const { name, cidr } = network;
            const enough = typeOf(network).division.enough(network, blocks, nodes);
            return single(["networks", name, "cidr"], `network "${name}"`, cidr, enough);
        }),
        ...pool("pods", "podSubnet", "pod subnet"),
        ...pool("services", "serviceSubnet", "service subnet"),
    ];
}

function rangesOf({ bridge, networks, clusters }: Plan): string[] {
    return [
        bridge.subnet,
        ...networks.map(({ cidr }) => cidr),
        ...clusters.flatMap(({ podSubnet, serviceSubnet }) => [podSubnet, serviceSubnet]),
    ];
}
