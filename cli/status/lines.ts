import { duration } from "../../system/progress.ts";
import type { ClusterStatus, MatrixStatus, Report, Verdict } from "./report.ts";

/** What is said of a stack first. */
const HEADS: Record<Verdict, string> = {
    down: "Nothing is up",
    unrecorded: "Its state knows nothing, but there are containers of it, which an update adopts",
    updating: "An update is running",
    interrupted: "The last update was interrupted",
    unknown: "Its container engine does not answer, so it is not known what runs",
    stopped: "It was brought up, but no node runs",
    degraded: "It is up, but not as it should be",
    up: "It is up",
};

/** A report for people; `now` in milliseconds since 1970. */
export function linesOf(report: Report, now: number): string[] {
    const { stack, status, clusters, matrix, lastUpdate, running, silence, context } = report;
    const ago = (at: string | undefined) =>
        at === undefined ? "at an unknown time" : `${age(Date.parse(at), now)} ago`;
    const since = status !== "down" && report.since ? `; made ${ago(report.since)}` : "";
    const update = lastUpdate && `${lastUpdate.kind} ${lastUpdate.result} ${ago(lastUpdate.ended)}`;
    const rows: [string, string][] = [
        [`stack ${stack}`, `${HEADS[status]}${since}.`],
        ...running.map((holder): [string, string] => ["running", holder]),
        ...(silence === undefined ? [] : [["engine", silence] as [string, string]]),
        ...clusters.map((cluster): [string, string] => [cluster.name, nodesOf(cluster)]),
        ...report.unrecorded.map((name): [string, string] => ["unrecorded", name]),
        ...(matrix ? [["matrix", matrixLine(matrix, ago)] as [string, string]] : []),
        ...(update ? [["last update", update] as [string, string]] : []),
        ...(context && clusters.length > 0 ? [["kubectl", context] as [string, string]] : []),
        ...report.others.map((name): [string, string] => ["also there", `stack ${name}`]),
        ...report.next.map((command): [string, string] => ["next", command]),
    ];
    const width = Math.max(...rows.map(([head]) => head.length));
    return rows.map(([head, text]) => `${head.padEnd(width)}  ${text}`);
}

function nodesOf({ nodes }: ClusterStatus): string {
    const running = nodes.filter(({ state }) => state === "running").length;
    const other = nodes.filter(({ state }) => state !== "running");
    const count = `${running} of ${nodes.length} ${nodes.length === 1 ? "node" : "nodes"} running`;
    return [count, ...other.map(({ name, state }) => `${name} ${state}`)].join("; ");
}

function matrixLine(
    { green, red, summary, measured, by, notCovered }: MatrixStatus,
    ago: (at: string | undefined) => string,
): string {
    const verdict = green ? "green" : red > 0 ? `${red} RED` : "not all covered";
    const gaps = notCovered.length > 0 ? `; not covered: ${notCovered.join(", ")}` : "";
    return `${verdict}, measured ${ago(measured)} by npm run ${by}: ${summary}${gaps}`;
}

/** How long ago something was, as people say it. */
function age(then: number, now: number): string {
    const minutes = Math.max(0, now - then) / 60_000;
    if (minutes < 60) {
        return duration(Math.max(0, now - then));
    }
    const hours = Math.round(minutes / 60);
    return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`;
}
