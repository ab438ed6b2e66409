import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { matrix } from "../../../cli/commands/verify.ts";
import { PROTOCOLS } from "../../../plan/expectedMatrix.ts";
import type { Cell } from "../../../provider/matrix/cells.ts";
import { BULK, DATAGRAMS, KINDS, PROBES } from "../../../provider/matrix/probes.ts";
import type { Kind } from "../../../provider/matrix/probes.ts";
import { questions } from "../../../provider/matrix/questions.ts";
import { NETWORK, plan } from "../matrixScene.ts";

const SCRIPTS = new URL("../../../charts/demo/files/", import.meta.url);

describe("the kinds of probes", () => {
    const script = readdirSync(SCRIPTS)
        .map((name) => readFileSync(new URL(name, SCRIPTS), "utf8"))
        .join("\n");
    const cell = (protocol: Kind): Cell => ({
        from: "edge1/demo1",
        to: "edge2/demo1",
        network: NETWORK,
        protocol,
        ok: true,
        expected: "",
        seen: "",
    });

    it("have every protocol of the plan among them, asked of pods", () => {
        for (const protocol of PROTOCOLS) {
            assert.equal(PROBES[protocol].about, "pod");
        }
    });

    it("have a column each where they are measured, in their order", () => {
        const header = (kinds: Kind[]) => matrix(kinds.map(cell)).split("\n")[0]?.split(/ +/);
        const ends = ["from", "to", "network"];
        assert.deepEqual(header(KINDS.toReversed()), [...ends, ...KINDS]);
        assert.deepEqual(KINDS, [
            ...PROTOCOLS,
            ...(["multicast", "unreachable", "unique"] satisfies Kind[]),
        ]);
        for (const kind of KINDS) {
            assert.deepEqual(header([kind]), [...ends, kind]);
        }
    });

    it("show red and flapping cells, and leave empty what is not asked", () => {
        const other = { ...cell("tcp"), to: "edge3/demo1", ok: false, flapping: true };
        assert.deepEqual(matrix([cell("icmp"), { ...cell("tcp"), ok: false }, other]).split("\n"), [
            "from         to           network     icmp  tcp",
            "edge1/demo1  edge2/demo1  data-plane  ok    RED",
            "edge1/demo1  edge3/demo1  data-plane        FLAPPING",
        ]);
    });

    it("are compared with a twin that is simpler, in the end with an echo", () => {
        const twins = (kind: Kind): Kind[] => {
            const { twin } = PROBES[kind];
            return twin === undefined ? [] : [twin, ...twins(twin)];
        };
        for (const kind of KINDS.filter((one) => one !== "icmp")) {
            const alone = PROBES[kind].about.includes("address");
            assert.equal(twins(kind).at(-1), alone ? undefined : "icmp", kind);
        }
    });

    it("are those that the script in the pods knows, with the same sizes", () => {
        for (const kind of KINDS) {
            assert.match(script, new RegExp(`\\b${kind} => (\\\\&${kind}\\b|sub \\{)`));
        }
        const bits = /BULK_BYTES => 1 << (\d+)/.exec(script)?.[1];
        assert.equal(2 ** Number(bits), BULK);
        assert.equal(Number(/MULTICASTS => (\d+)/.exec(script)?.[1]), DATAGRAMS);
    });

    it("are refused where a state names one of another version", () => {
        const networks = [{ name: NETWORK, protocols: ["quic" as never], slices: {} }];
        const inputs = { ...plan, networks, multicast: [], clusters: [], namespace: "default" };
        assert.throws(() => questions(inputs), /the probe "quic", which this version/);
    });
});
