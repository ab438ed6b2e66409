import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { lastUpdate, type Update } from "../../../cli/state/history.ts";
import type { StateResource } from "../../../cli/state/stack.ts";
import { linesOf } from "../../../cli/status/lines.ts";
import { reportOf, type Facts } from "../../../cli/status/report.ts";
import { lastVerified, recordVerified } from "../../../cli/status/verified.ts";
import { temporaryDirectory } from "../temporary.ts";

const NOW = Date.parse("2026-11-26T12:00:00Z");

/** Seconds since 1970, so many minutes before now. */
const before = (minutes: number) => NOW / 1000 - minutes * 60;
const at = (minutes: number) => new Date(before(minutes) * 1000).toISOString();

const urn = (type: string, name: string) => `urn:pulumi:dev::multinet::${type}::${name}`;

function cluster(name: string, nodes: string[], created: string): StateResource {
    return {
        urn: urn("multinet:index:KindCluster", `${name}-kind`),
        type: "multinet:index:KindCluster",
        created,
        inputs: { nodes, kubeconfigPath: `/p/.multinet/kubeconfigs/dev/${name}.yaml` },
    };
}

const matrix: StateResource = {
    urn: urn("multinet:index:ReachabilityMatrix", "testbed-reachability-matrix"),
    type: "multinet:index:ReachabilityMatrix",
    created: at(190),
    modified: at(120),
    inputs: { pairs: [{ from: { cluster: "edge1", demo: "demo1" } }] },
    outputs: { red: [], summary: "56 of 56 cells green (4 pods in 2 clusters)" },
};

const update: Update = {
    kind: "update",
    result: "succeeded",
    startTime: before(31),
    endTime: before(30),
    environment: { "pulumi.flag.yes": "true" },
};

const NODES = {
    edge1: ["multinet-dev-edge1-control-plane", "multinet-dev-edge1-worker"],
    edge2: ["multinet-dev-edge2-control-plane"],
};

const container = (name: string, state: "running" | "paused" | "stopped" = "running") => ({
    name,
    state,
    networks: { "multinet-dev": "10.0.0.2" },
});

/** A stack as it was recorded on a machine where all is well. */
const WELL: Facts = {
    stack: "dev",
    isDefault: true,
    isDescribed: true,
    state: {
        resources: [
            cluster("edge2", NODES.edge2, at(190)),
            cluster("edge1", NODES.edge1, at(200)),
            matrix,
        ],
    },
    update,
    running: [],
    hasStaleLock: false,
    containers: Object.values(NODES)
        .flat()
        .map((name) => container(name)),
    silence: undefined,
    verified: undefined,
    context: "edge1",
    others: [],
};

const told = (changes: Partial<Facts>) => {
    const report = reportOf({ ...WELL, ...changes });
    return { report, text: linesOf(report, NOW).join("\n") };
};

describe("status of a stack", () => {
    it("tells what is up, since when, the matrix, and what to type", () => {
        const { report, text } = told({});
        assert.equal(report.status, "up");
        assert.equal(
            text,
            `stack dev    It is up; made 3 h ago.
edge1        2 of 2 nodes running
edge2        1 of 1 node running
matrix       green, measured 30 min 00 s ago by npm run up: 56 of 56 cells green (4 pods in 2 clusters)
last update  update succeeded 30 min 00 s ago
kubectl      edge1
next         npm run shell edge1 demo1
next         npm run use -- edge1
next         npm run verify`,
        );
    });

    it("says so when nothing is up, and how to bring it up", () => {
        for (const state of [undefined, {}, { resources: [] }]) {
            const { report, text } = told({ state, containers: [], update: undefined });
            assert.equal(report.status, "down");
            assert.equal(text, "stack dev  Nothing is up.\nnext       npm run up");
        }
        const unknown = told({ state: undefined, containers: [], isDescribed: false });
        assert.deepEqual(unknown.report.next, []);
    });

    it("names the stack in commands if it is not the one they are about anyway", () => {
        assert.deepEqual(told({ stack: "mixed", isDefault: false }).report.next, [
            "npm run shell edge1 demo1 -- --stack mixed",
            "npm run use -- edge1 mixed",
            "npm run verify -- mixed",
        ]);
        const down = told({ stack: "mixed", isDefault: false, state: undefined });
        assert.deepEqual(down.report.next, ["npm run up -- mixed"]);
    });

    it("names nodes that do not run, or are gone", () => {
        const containers = [container(NODES.edge1[0]!), container(NODES.edge1[1]!, "stopped")];
        const { report, text } = told({ containers });
        assert.equal(report.status, "degraded");
        assert.match(text, /edge1 +1 of 2 nodes running; multinet-dev-edge1-worker stopped\n/);
        assert.match(
            text,
            /edge2 +0 of 1 node running; multinet-dev-edge2-control-plane missing\n/,
        );
        assert.deepEqual(report.next, ["npm run up"]);
        assert.equal(told({ containers: [] }).report.status, "stopped");
    });

    it("claims nothing about nodes when the engine does not answer", () => {
        const silence = "Cannot connect to the Docker daemon";
        const { report, text } = told({ containers: undefined, silence });
        assert.equal(report.status, "unknown");
        assert.match(text, /engine +Cannot connect to the Docker daemon\n/);
        assert.match(text, /edge2 .*control-plane unknown\n/);
    });

    it("does not call that nothing what only the state does not know", () => {
        const other = { ...container("multinet-x-control-plane"), networks: { "multinet-x": "" } };
        const containers = [container("multinet-dev-edge1-control-plane"), other];
        const { report, text } = told({ state: undefined, containers });
        assert.equal(report.status, "unrecorded");
        assert.deepEqual(report.unrecorded, ["multinet-dev-edge1-control-plane"]);
        assert.match(text, /an update adopts/);
        assert.deepEqual(report.next, ["npm run up", "npm run remove"]);
    });

    it("tells an update that runs from one that was interrupted", () => {
        const running = told({ running: ["process 7"], hasStaleLock: true });
        assert.equal(running.report.status, "updating");
        assert.match(running.text, /running +process 7\n/);
        assert.equal(told({ hasStaleLock: true }).report.status, "interrupted");
        const pending = { type: "creating", resource: matrix };
        const state = { ...WELL.state, pending_operations: [pending] };
        assert.equal(told({ state }).report.status, "interrupted");
    });

    it("is not well when the last update failed", () => {
        const { report } = told({ update: { ...update, result: "failed" } });
        assert.deepEqual([report.status, report.next], ["degraded", ["npm run up"]]);
        assert.equal(report.matrix?.measured, at(120));
    });

    it("names other stacks that have resources", () => {
        assert.match(told({ others: ["mixed"] }).text, /also there +stack mixed\n/);
    });
});

describe("the matrix in a status", () => {
    const state = (outputs: Record<string, unknown>) => ({
        resources: [...WELL.state!.resources!.slice(0, 2), { ...matrix, outputs }],
    });

    it("is red if the last measurement was", () => {
        const red = [{ ok: false }, { ok: false }];
        const { report, text } = told({
            state: state({ red, summary: "54 of 56 cells green" }),
            update: { ...update, result: "failed" },
        });
        assert.equal(report.status, "degraded");
        assert.match(text, /matrix +2 RED, measured 2 h ago by npm run up: 54 of 56 cells green\n/);
        assert.deepEqual(report.next, ["npm run verify", "npm run up"]);
    });

    it("is the one of `verify`, if that is newer", () => {
        const verified = { summary: "55 of 56 cells green", red: 1, gaps: [] };
        const newer = told({ verified: { ...verified, measured: at(1) } });
        assert.match(newer.text, /matrix +1 RED, measured 1 min 00 s ago by npm run verify: 55 of/);
        assert.equal(newer.report.status, "degraded");
        const older = told({ verified: { ...verified, measured: at(60) } });
        assert.equal(older.report.matrix?.green, true);
        const gap = { ...verified, red: 0, gaps: ["cluster edge3"], measured: at(1) };
        assert.match(told({ verified: gap }).text, /not all covered.*not covered: cluster edge3\n/);
    });

    it("was measured again by an update of all, not by one of a part", () => {
        for (const [changes, measured] of [
            [{}, at(30)],
            [{ kind: "refresh" }, at(120)],
            [{ environment: { "pulumi.flag.target": "set" } }, at(120)],
            [{ environment: { "pulumi.flag.exclude": "set" } }, at(120)],
        ] as const) {
            const { report } = told({ update: { ...update, ...changes } });
            assert.equal(report.matrix?.measured, measured);
        }
    });

    it("is unknown before it was measured", () => {
        assert.equal(told({ state: state({}) }).report.matrix, undefined);
        assert.equal(told({ state: state({}) }).report.status, "degraded");
    });
});

describe("what a status is told from", () => {
    const temporary = temporaryDirectory();

    it("is the newest update in the history, if its file is whole", () => {
        const place = { folder: temporary(), project: "p", stack: "dev" };
        assert.equal(lastUpdate(place), undefined);
        const folder = temporary(".pulumi/history/p/dev");
        mkdirSync(folder, { recursive: true });
        const write = (time: string, text: string) =>
            writeFileSync(`${folder}/dev-${time}.history.json`, text);
        write("1764094000000000002", JSON.stringify(update));
        write("1764094000000000001", JSON.stringify({ ...update, kind: "destroy" }));
        writeFileSync(`${folder}/dev-1764094000000000009.checkpoint.json`, "{}");
        assert.deepEqual(lastUpdate(place), update);
        for (const text of ["", "{", "null", "{}"]) {
            write("1764094000000000003", text);
            assert.equal(lastUpdate(place), undefined);
        }
    });

    it("is what `verify` has noted", () => {
        assert.equal(lastVerified("dev", temporary()), undefined);
        const found = { summary: "1 of 2 cells green", red: 1, gaps: [] };
        recordVerified("dev", found, temporary());
        const { measured, ...noted } = lastVerified("dev", temporary())!;
        assert.deepEqual(noted, found);
        assert.ok(!Number.isNaN(Date.parse(measured)));
        writeFileSync(temporary("verified/dev.json"), "{");
        assert.equal(lastVerified("dev", temporary()), undefined);
    });
});
