import { cidrOf, formatCidr, overlaps, type Cidr } from "../cidr.ts";
import { DEFAULT_NETWORKS, type RawConfig } from "../config/parsedConfig.ts";
import type { Topology } from "../config/topology.ts";
import { enumerate, formatPath, problem, type Path, type Problem } from "../problem.ts";
import { CARRIERS, DEFAULT_BRIDGES, placed, UNROUTED } from "./freeRanges.ts";
import { usedRanges, type HostRange } from "./hostRanges.ts";
import { rangeKeys, type RangeKey } from "./rangeKeys.ts";

/** A range of a stack that others on this machine use. */
export interface HostConflict {
    path: Path;
    /** The range and what it is for, such as `10.0.0.0/10 (network "data-plane")`. */
    what: string;
    range: string;
    /** Whose ranges overlap with it. */
    users: string[];
    /** A range that could stand there instead, if there is one; all of a stack's conflicts can be solved so at once. */
    free: string | undefined;
    /** Whether that has room for eight clusters. */
    grows: boolean;
}

/** What to write into the configuration. */
export type Setting = [path: Path, value: string];

/** Where ranges of a stack that is not there yet overlap with what this machine uses already. */
export function hostConflicts(topology: Topology, ranges: readonly HostRange[]): HostConflict[] {
    const used = usedRanges(ranges);
    const keys = rangeKeys(topology, "eight");
    const isTaken = (key: RangeKey) => usersOf(key, used).length > 0;
    const moved = keys.filter(isTaken);
    const kept = keys.filter((key) => !isTaken(key));
    const found = instead(moved, kept, used);
    return moved.map((key, i) => ({
        ...described(key),
        path: key.path,
        users: usersOf(key, used),
        free: found[i] && formatCidr(found[i]),
        grows: (found[i]?.prefix ?? 32) <= key.prefixes.eight,
    }));
}

/** The same as problems, each with what to type. */
export function hostConflictProblems(conflicts: HostConflict[], config: RawConfig): Problem[] {
    return conflicts.map((conflict) => {
        const { path, what, range, users, grows } = conflict;
        const commands = settingsFor(conflict, config).map(
            ([path, value]) => `pulumi config set --path ${formatPath(path)} ${value}`,
        );
        return problem(path, range, {
            reason: `${what} overlaps with what this machine uses already: ${enumerate(users)}.`,
            fix:
                commands.length > 0
                    ? `Set it to a range that is free: ${commands.join(" && ")}${grows ? "" : " (with room for no more clusters than today)"}. Or remove the other user.`
                    : "No private range that would do is free. Set it to another that this machine does not use, such as a public one whose hosts the stack need not reach, or remove the other user.",
        });
    });
}

/** What to write for a conflict. A network that is there by default gets its section. */
export function settingsFor({ path, free }: HostConflict, config: RawConfig): Setting[] {
    if (free === undefined) {
        return [];
    }
    const isByDefault = path[0] === "networks" && (config["networks"] ?? undefined) === undefined;
    const types = Object.entries(isByDefault ? DEFAULT_NETWORKS : {}).map(
        ([name, { type }]): Setting => [["networks", name, "type"], type],
    );
    return [...types, [path, free]];
}

/** What it means that this machine now uses ranges of a stack that is there, and keeps them; undefined if it does not. */
export function hostWarning(topology: Topology, ranges: readonly HostRange[]): string | undefined {
    const used = usedRanges(ranges);
    const shared = rangeKeys(topology, "today").flatMap((key) => {
        const users = usersOf(key, used);
        return users.length > 0 ? `${described(key).what} with ${enumerate(users)}` : [];
    });
    return shared.length === 0
        ? undefined
        : `Ranges of this stack overlap with what this machine uses: ${shared.join("; ")}. ` +
              "The stack is there already, so it keeps them and works on. What is meant for addresses in both goes to the " +
              "stack: its pods and nodes do not reach the others that have them.";
}

function described({ range, what }: RangeKey) {
    const text = formatCidr(range);
    return { range: text, what: `${text} (${what})` };
}

function usersOf({ claims }: RangeKey, used: ReturnType<typeof usedRanges>): string[] {
    const users = used.filter(({ cidr }) => claims.some((claim) => overlaps(claim, cidr)));
    return [...new Set(users.map(({ what }) => what))];
}

/** 10.0.0.0/8 without what other stacks take for their docker networks. */
const NEAR = ["10.0.0.0/9", "10.128.0.0/10"].map(cidrOf);

/** All that may be looked at if need be. The last is public, but hosts there hardly anyone has to reach. */
const ANYWHERE = [...UNROUTED, cidrOf("11.0.0.0/8")];

/** Where free ranges are looked for, and what they must have room for, the best first. */
const ATTEMPTS = [
    { pools: NEAR, room: "eight" },
    { pools: UNROUTED, room: "eight" },
    { pools: ANYWHERE, room: "eight" },
    { pools: ANYWHERE, room: "today" },
] as const;

/**
 * Ranges for the keys that must move: as large as today if all have room so, else all smaller by the same number of bits,
 * down to what is needed. Those that stay keep the room in which clusters will be.
 */
function instead(
    moved: RangeKey[],
    kept: RangeKey[],
    used: ReturnType<typeof usedRanges>,
): (Cidr | undefined)[] {
    const others = used.map(({ cidr }) => cidr);
    const shared = others.some((cidr) => overlaps(cidr, CARRIERS)) ? [CARRIERS] : [];
    let found: (Cidr | undefined)[] = [];
    for (const { pools, room } of ATTEMPTS) {
        const own = kept.flatMap(({ range, claims }) => (room === "eight" ? [range] : claims));
        const taken = [...others, ...shared, ...own];
        const steps = Math.max(0, ...moved.map(({ prefixes }) => prefixes[room] - prefixes.same));
        for (let shorter = 0; shorter <= steps; shorter++) {
            const wanted = moved.map(({ prefixes, isBridge }) => ({
                prefix: Math.min(prefixes.same + shorter, prefixes[room]),
                pools: isBridge ? [DEFAULT_BRIDGES, ...pools] : pools,
            }));
            found = placed(wanted, taken);
            if (!found.includes(undefined)) {
                return found;
            }
        }
    }
    return found;
}
