import assert from "node:assert/strict";
import fc from "fast-check";
import { layout, type Layout } from "../../../../cli/view/layout.ts";
import type { Box, Scenery } from "../../../../cli/view/scenery.ts";
import type { Line } from "../../../../cli/view/wiring.ts";

/** Any number of clusters that a page is made for, of any shape. */
const scenery: fc.Arbitrary<Scenery> = fc
    .record({
        reaches: fc.array(fc.constantFrom("stack" as const, "cluster" as const), { maxLength: 7 }),
        clusters: fc.array(
            fc.record({
                joins: fc.array(fc.boolean(), { minLength: 7, maxLength: 7 }),
                pods: fc.array(fc.nat(7), { minLength: 1, maxLength: 7 }),
            }),
            { minLength: 1, maxLength: 8 },
        ),
    })
    .map(({ reaches, clusters }) => ({
        networks: reaches.map((reach, i) => ({ name: `n${i}`, reach })),
        clusters: clusters.map(({ joins, pods }, c) => ({
            name: `c${c}`,
            networks: reaches.flatMap((_, i) => (joins[i] ? [`n${i}`] : [])),
            nodes: pods.map((count, n) => ({
                name: `c${c}-${n}`,
                pods: Array.from({ length: count }, (_, k) => `demo${k}`),
            })),
        })),
    }));

/** Each thing of this picture that has an area, after that which must hold it. */
function boxes(at: Layout): { name: string; box: Box; parent: string }[] {
    return [
        { name: "caption", box: at.caption, parent: "" },
        { name: "backplane", box: at.backplane, parent: "" },
        { name: "title", box: at.title, parent: "backplane" },
        ...at.rails.map(({ network, label }) => ({
            name: `label ${network}`,
            box: label,
            parent: "backplane",
        })),
        ...at.clusters.flatMap(({ name, box, header, columns }) => [
            { name, box, parent: "" },
            { name: `header ${name}`, box: header, parent: name },
            ...columns.flat().flatMap((node) => [
                { name: node.name, box: node.box, parent: name },
                { name: `header ${node.name}`, box: node.header, parent: node.name },
                ...[...node.rows, ...node.pods].map(({ box }, i) => ({
                    name: `${node.name} ${i}`,
                    box,
                    parent: node.name,
                })),
            ]),
        ]),
    ];
}

describe("layout of a topology, whatever it is", () => {
    const each = (check: (at: Layout, scenery: Scenery) => void) => {
        const property = fc.property(scenery, (one) => check(layout(one), one));
        fc.assert(property, { numRuns: 150 });
    };

    it("keeps everything inside what holds it, and the whole inside the picture", () => {
        each((at) => {
            const all = new Map(boxes(at).map((one) => [one.name, one.box]));
            all.set("", { x: 0, y: 0, width: at.width, height: at.height });
            for (const { name, box, parent } of boxes(at)) {
                assert.ok(contains(all.get(parent)!, box), `${name} in ${parent || "the picture"}`);
            }
            for (const { x1, y1, x2, y2 } of at.lines) {
                assert.ok(Math.min(x1, x2) >= 0 && Math.max(x1, x2) <= at.width);
                assert.ok(Math.min(y1, y2) >= 0 && Math.max(y1, y2) <= at.height);
            }
        });
    });

    it("has everything once, and no two things on one place", () => {
        each((at, { clusters, networks }) => {
            const nodes = clusters.flatMap(({ nodes }) => nodes);
            const rows = clusters.flatMap((one) => one.nodes.flatMap(() => one.networks));
            const pods = nodes.flatMap(({ pods }) => pods);
            const count =
                3 +
                networks.length +
                2 * (clusters.length + nodes.length) +
                rows.length +
                pods.length;
            assert.equal(new Set(boxes(at).map(({ name }) => name)).size, count);
            for (const siblings of Map.groupBy(boxes(at), ({ parent }) => parent).values()) {
                for (const [i, one] of siblings.entries()) {
                    for (const other of siblings.slice(i + 1)) {
                        assert.ok(!overlap(one.box, other.box), `${one.name} on ${other.name}`);
                    }
                }
            }
        });
    });

    it("leads no line over a node, a header or a label, nor along one of another network", () => {
        each((at) => {
            const solid = boxes(at).filter(({ name }) => /^(label|header|title|c\d-)/.test(name));
            for (const line of at.lines) {
                for (const { name, box } of solid) {
                    assert.ok(!overlap(areaOf(line), box), `${line.network} over ${name}`);
                }
                for (const other of at.lines.filter(({ network }) => network !== line.network)) {
                    assert.ok(!runsAlong(line, other), `${line.network} along ${other.network}`);
                }
            }
        });
    });

    it("joins all nodes of a network, and none of others", () => {
        each((at, { clusters, networks }) => {
            for (const { name, reach } of networks) {
                const joined = clusters.filter((one) => one.networks.includes(name));
                const islands = pieces(at.lines.filter(({ network }) => network === name));
                const ends = at.dots.filter(
                    ({ network, x, y }) => network === name && isPort(at, x, y),
                );
                assert.equal(ends.length, joined.flatMap(({ nodes }) => nodes).length);
                assert.equal(
                    islands,
                    reach === "stack" ? Math.min(1, joined.length) : joined.length,
                );
            }
        });
    });

    it("stays readable with eight clusters of three nodes on a usual screen", () => {
        const networks = ["a", "b", "c"].map((name) => ({ name, reach: "stack" as const }));
        const clusters = Array.from({ length: 8 }, (_, c) => ({
            name: `c${c}`,
            networks: ["a", "b", "c"],
            nodes: Array.from({ length: 3 }, (_, n) => ({ name: `c${c}-${n}`, pods: ["demo1"] })),
        }));
        const { width } = layout({ networks, clusters });
        const font = 12 * Math.min(1, 1272 / width); // what it is on a page of full width
        assert.ok(font > 9, `letters of ${font} pixels`);
    });
});

/** Whether this is on the left edge of a node. */
function isPort({ clusters }: Layout, x: number, y: number): boolean {
    const nodes = clusters.flatMap(({ columns }) => columns.flat());
    return nodes.some(({ box }) => box.x === x && box.y < y && y < box.y + box.height);
}

/** How many parts lines make that hang together. */
function pieces(lines: Line[]): number {
    const open = new Set(lines);
    let count = 0;
    for (const first of open) {
        count++;
        const part = [first];
        open.delete(first);
        for (const one of part) {
            for (const other of open) {
                if (overlap(areaOf(one, 0.1), areaOf(other, 0.1))) {
                    open.delete(other);
                    part.push(other);
                }
            }
        }
    }
    return count;
}

function contains(outer: Box, inner: Box): boolean {
    return (
        outer.x <= inner.x &&
        outer.y <= inner.y &&
        inner.x + inner.width <= outer.x + outer.width &&
        inner.y + inner.height <= outer.y + outer.height
    );
}

function overlap(one: Box, other: Box): boolean {
    return (
        one.x < other.x + other.width &&
        other.x < one.x + one.width &&
        one.y < other.y + other.height &&
        other.y < one.y + one.height
    );
}

function areaOf({ x1, y1, x2, y2 }: Line, margin = 0): Box {
    return {
        x: Math.min(x1, x2) - margin,
        y: Math.min(y1, y2) - margin,
        width: Math.abs(x2 - x1) + 2 * margin,
        height: Math.abs(y2 - y1) + 2 * margin,
    };
}

/** Whether both have the same direction and more than a point in common. */
function runsAlong(one: Line, other: Line): boolean {
    const [a, b] = [areaOf(one), areaOf(other)];
    const upright = a.width === 0 && b.width === 0 && a.x === b.x;
    const level = a.height === 0 && b.height === 0 && a.y === b.y;
    const common = (p: number, q: number, r: number, s: number) =>
        Math.min(p + q, r + s) - Math.max(p, r);
    return (
        (upright && common(a.y, a.height, b.y, b.height) > 0) ||
        (level && common(a.x, a.width, b.x, b.width) > 0)
    );
}
