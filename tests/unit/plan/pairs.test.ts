import assert from "node:assert/strict";
import fc from "fast-check";
import { allPairs, chosenPairs } from "../../../plan/pairs.ts";

interface Pod {
    name: string;
    node: string;
}

/** Pods on nodes: how many each node has. */
const placed = fc
    .array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 9 })
    .map((counts) =>
        counts.flatMap((count, n) =>
            Array.from({ length: count }, (_, i): Pod => ({ name: `p${n}-${i}`, node: `n${n}` })),
        ),
    );

const said = (pairs: [Pod, Pod][]) => pairs.map(([from, to]) => `${from.name} ${to.name}`);
const nodesOf = (pods: Pod[]) => [...new Set(pods.map(({ node }) => node))];

describe("the pairs that are chosen where there are very many", () => {
    const each = (check: (pods: Pod[], pairs: [Pod, Pod][]) => void) => {
        fc.assert(
            fc.property(placed, (pods) => {
                check(pods, chosenPairs(pods));
            }),
            { numRuns: 500 },
        );
    };

    it("are some of all, each once", () => {
        each((pods, pairs) => {
            const all = new Set(said(allPairs(pods)));
            assert.equal(new Set(said(pairs)).size, pairs.length);
            assert.ok(said(pairs).every((pair) => all.has(pair)));
        });
    });

    it("cover every ordered pair of nodes", () => {
        each((pods, pairs) => {
            const found = new Set(pairs.map(([from, to]) => `${from.node} ${to.node}`));
            for (const [from, to] of allPairs(nodesOf(pods))) {
                assert.ok(found.has(`${from} ${to}`), `${from} ${to}`);
            }
        });
    });

    it("let every pod send to and receive from another node, and a neighbour on its own", () => {
        each((pods, pairs) => {
            const far = pairs.filter(([from, to]) => from.node !== to.node);
            const near = pairs.filter(([from, to]) => from.node === to.node);
            const ends = (some: [Pod, Pod][], end: 0 | 1) =>
                new Set(some.map((pair) => pair[end].name));
            for (const { name, node } of pods) {
                const neighbours = pods.filter((other) => other.node === node).length - 1;
                for (const end of [0, 1] as const) {
                    assert.ok(nodesOf(pods).length === 1 || ends(far, end).has(name), name);
                    assert.ok(neighbours === 0 || ends(near, end).has(name), name);
                }
            }
        });
    });

    it("grow with the pods and the pairs of nodes, not with the pairs of pods", () => {
        each((pods, pairs) => {
            const nodes = nodesOf(pods).length;
            assert.ok(pairs.length <= nodes * (nodes - 1) + 3 * pods.length);
        });
    });

    it("are always the same", () => {
        each((pods, pairs) => {
            assert.deepEqual(said(chosenPairs(structuredClone(pods))), said(pairs));
        });
    });
});
