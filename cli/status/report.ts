import { basename } from "node:path";
import type { MatrixOutputs } from "../../provider/reachabilityMatrix.ts";
import type { KindInputs } from "../../provider/kind/spec.ts";
import type { Container } from "../../provider/runtime/runtime.ts";
import type { Update } from "../state/history.ts";
import { PROJECT_NAME, type State, type StateResource } from "../state/stack.ts";
import { nextCommands } from "./next.ts";
import type { VerifiedAt } from "./verified.ts";

/** All that a status is told from. */
export interface Facts {
    stack: string;
    /** A command that names no stack is about this one. */
    isDefault: boolean;
    /** Its configuration file is there. */
    isDescribed: boolean;
    state: State["deployment"] | undefined;
    update: Update | undefined;
    /** Who works on it now, in words. */
    running: string[];
    /** An update has left its lock behind. */
    hasStaleLock: boolean;
    /** Nodes of kind clusters, not only of this stack; undefined if the engine does not tell. */
    containers: Pick<Container, "name" | "state" | "networks">[] | undefined;
    /** Why the engine does not tell. */
    silence: string | undefined;
    verified: VerifiedAt | undefined;
    /** The cluster that `kubectl` talks to. */
    context: string | undefined;
    /** Other stacks that have resources. */
    others: string[];
}

/**
 * `down`: nothing is there; `unrecorded`: there are containers, but the state does not know them; `unknown`: the engine does
 * not answer; `stopped`: no node runs; `degraded`: a node does not run, the last update failed, or what was measured last
 * is not green.
 */
export type Verdict =
    "down" | "unrecorded" | "updating" | "interrupted" | "unknown" | "stopped" | "degraded" | "up";

export interface NodeStatus {
    name: string;
    state: Container["state"] | "missing" | "unknown";
}

export interface ClusterStatus {
    name: string;
    /** When it was made, in RFC 3339. */
    since: string | undefined;
    nodes: NodeStatus[];
}

export interface MatrixStatus {
    green: boolean;
    /** Cells that are red or flapping. */
    red: number;
    summary: string;
    /** In RFC 3339. */
    measured: string | undefined;
    by: "up" | "verify";
    /** What of the stack file it does not cover. */
    notCovered: string[];
}

/** What `npm run status -- --json` prints. */
export interface Report {
    stack: string;
    status: Verdict;
    /** When its first cluster was made, in RFC 3339. */
    since: string | undefined;
    clusters: ClusterStatus[];
    /** Containers on its network that the state does not know. */
    unrecorded: string[];
    matrix: MatrixStatus | undefined;
    lastUpdate: { kind: string; result: string; ended: string } | undefined;
    /** Who works on it now. */
    running: string[];
    /** Why nothing is known of the nodes. */
    silence: string | undefined;
    /** The cluster that `kubectl` talks to. */
    context: string | undefined;
    others: string[];
    /** Commands to type next. */
    next: string[];
}

/** Tells a stack's status from what is known of it. */
export function reportOf(facts: Facts): Report {
    const clusters = clustersOf(facts);
    const unrecorded = unrecordedOf(facts, clusters);
    const matrix = matrixOf(facts);
    const status = verdict(facts, { clusters, unrecorded, matrix });
    const { stack, update, running, silence, context, others } = facts;
    const since = clusters.flatMap((cluster) => cluster.since ?? []).sort(byTime)[0];
    return {
        stack,
        status,
        since,
        clusters,
        unrecorded,
        matrix,
        lastUpdate: update && {
            kind: update.kind,
            result: update.result,
            ended: time(update.endTime),
        },
        running,
        silence,
        context,
        others,
        next: nextCommands(status, matrix, facts),
    };
}

function clustersOf({ state, containers }: Facts): ClusterStatus[] {
    const found = new Map(containers?.map((container) => [container.name, container.state]));
    const clusters = resourcesOf(state, "multinet:index:KindCluster");
    return clusters
        .map(({ created, inputs }): ClusterStatus => {
            const { nodes, kubeconfigPath } = inputs as unknown as KindInputs;
            return {
                name: basename(kubeconfigPath, ".yaml"),
                since: created,
                nodes: nodes.map((name) => ({
                    name,
                    state: containers ? (found.get(name) ?? "missing") : "unknown",
                })),
            };
        })
        .sort((one, other) => (one.name < other.name ? -1 : 1));
}

function unrecordedOf({ stack, containers = [] }: Facts, clusters: ClusterStatus[]): string[] {
    const known = new Set(clusters.flatMap(({ nodes }) => nodes.map(({ name }) => name)));
    return containers
        .filter(({ networks }) => `${PROJECT_NAME}-${stack}` in networks)
        .map(({ name }) => name)
        .filter((name) => !known.has(name));
}

/** The newest measurement that is known: of an update, which may have confirmed it since, or of `verify`. */
function matrixOf({ state, update, verified }: Facts): MatrixStatus | undefined {
    const [matrix] = resourcesOf(state, "multinet:index:ReachabilityMatrix");
    const { red = [], summary } = (matrix?.outputs ?? {}) as Partial<MatrixOutputs>;
    if (!matrix || summary === undefined) {
        return undefined;
    }
    const measured = [matrix.modified ?? matrix.created, confirmed(update)]
        .filter((one) => one !== undefined)
        .sort(byTime)
        .at(-1);
    if (verified && (measured === undefined || byTime(measured, verified.measured) < 0)) {
        const { gaps, ...found } = verified;
        const green = found.red === 0 && gaps.length === 0;
        return { green, ...found, by: "verify", notCovered: gaps };
    }
    const green = red.length === 0;
    return { green, red: red.length, summary, measured, by: "up", notCovered: [] };
}

/** An update of the whole stack measures its matrix, and fails if a cell is red. */
function confirmed(update: Update | undefined): string | undefined {
    const flags = Object.keys(update?.environment ?? {});
    const isPartial = flags.some((flag) => /^pulumi\.flag\.(target|exclude)/.test(flag));
    const isProof = update?.kind === "update" && update.result === "succeeded" && !isPartial;
    return isProof ? time(update.endTime) : undefined;
}

function verdict(
    { state, running, hasStaleLock, containers, update }: Facts,
    { clusters, unrecorded, matrix }: Pick<Report, "clusters" | "unrecorded" | "matrix">,
): Verdict {
    const nodes = clusters.flatMap((cluster) => cluster.nodes);
    const up = nodes.filter((node) => node.state === "running").length;
    if (running.length > 0) {
        return "updating";
    }
    if (hasStaleLock || (state?.pending_operations ?? []).length > 0) {
        return "interrupted";
    }
    if (nodes.length === 0) {
        return unrecorded.length > 0 ? "unrecorded" : "down";
    }
    if (!containers) {
        return "unknown";
    }
    if (up === 0) {
        return "stopped";
    }
    const isWell = up === nodes.length && matrix?.green && update?.result !== "failed";
    return isWell ? "up" : "degraded";
}

function resourcesOf(state: Facts["state"], type: string): StateResource[] {
    return (state?.resources ?? []).filter((resource) => resource.type === type);
}

/** RFC 3339, of seconds since 1970. */
function time(seconds: number): string {
    return new Date(seconds * 1000).toISOString();
}

function byTime(one: string, other: string): number {
    return Date.parse(one) - Date.parse(other);
}
