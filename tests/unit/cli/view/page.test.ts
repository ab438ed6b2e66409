import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { heatMaps } from "../../../../cli/view/heatMap.ts";
import { html } from "../../../../cli/view/html.ts";
import type { Facts } from "../../../../cli/view/model.ts";
import { page } from "../../../../cli/view/page.ts";
import { topologySvg } from "../../../../cli/view/topologySvg.ts";
import { planOf } from "../../../golden/golden.ts";
import { AT, cellsOf, measured, notUp, planOfClusters } from "./stackView.ts";

const HOSTILE = `"><script>alert(1)</script><img src=x onerror='alert(2)'> & \u202e\u0000 </title></style>`;

/** The plan with every name in it replaced. */
function renamed(facts: Facts, name: string): Facts {
    const text = JSON.stringify({ ...facts, live: undefined, at: undefined });
    const quoted = JSON.stringify(name).slice(1, -1);
    const changed = text.replaceAll(/data-plane|edge1|demo1|mixed|10\.1\.1\.0/g, () => quoted);
    return { ...(JSON.parse(changed) as Facts), at: AT };
}

describe("html", () => {
    it("escapes all text, in elements and in attributes", () => {
        fc.assert(
            fc.property(fc.string({ unit: "binary" }), (text) => {
                const { text: made } = html`<p title="${text}">${[text]}</p>`;
                const [, title, content] =
                    /^<p title="([^"<>]*)">([^"<>]*)<\/p>$/s.exec(made) ?? [];
                assert.equal(title, content);
                assert.doesNotMatch(title!, /&(?!(amp|lt|gt|quot|#39);)/);
            }),
        );
    });

    it("leaves markup as it is, and leaves out what is not there", () => {
        const inner = html`<b>${1}</b>`;
        assert.equal(
            html`${inner}${undefined}${false}${[inner, "<"]}`.text,
            "<b>1</b><b>1</b>&lt;",
        );
    });
});

describe("page of a stack", () => {
    it("shows the plan alone while the stack is not up", () => {
        const text = page(notUp(planOf("dev")));
        assert.match(text, /not up yet/);
        assert.match(text, /Nothing was measured, as the stack is not up/);
        assert.doesNotMatch(text, /class="square (green|red)">[^<]*<\/i\s*><\/td/);
    });

    it("has a square for each pair, pod alone and free address of every network", () => {
        for (const stack of ["dev", "cilium", "mixed", "every"]) {
            const plan = planOf(stack);
            const { pairs, unique, free } = plan.reachability;
            const text = page(measured(plan));
            const count = pairs.length + unique.length + free.length;
            assert.equal(text.match(/role="gridcell"/g)?.length, count, stack);
        }
    });

    it("says of each probe what was expected and what was seen, and marks what is red", () => {
        const plan = planOf("dev");
        const cells = cellsOf(plan, ({ from, to, protocol }) =>
            from === "edge1/demo1" && to === "edge2/demo2" && protocol === "tcp"
                ? { ok: false, expected: "10.1.1.2", seen: "10.1.1.1" }
                : {},
        );
        const text = page(measured(plan, cells));
        assert.match(text, /RED tcp: expected 10\.1\.1\.2, seen 10\.1\.1\.1/);
        assert.match(text, /<i class="square red">×<\/i/);
        assert.match(text, /63 of 64 cells green, 1 red/);
        assert.match(text, /× 1 cell not green/);
        assert.match(text, /edge1\/demo1 -&gt; edge2\/demo2: lost/);
    });

    it("tells what was recorded, where nobody could look", () => {
        const plan = planOf("mixed");
        const [red, ...others] = cellsOf(plan).filter(({ network }) => network === "lan");
        const facts: Facts = {
            ...notUp(plan),
            recorded: {
                matrix: plan.reachability,
                nodeAddresses: { "multinet-mixed-edge1-control-plane": "10.201.0.9" },
                red: [{ ...red!, ok: false, flapping: true, seen: "3 of 50 lost" }],
            },
            notes: ["The clusters could not be asked: no kubeconfig"],
        };
        const { counts } = heatMaps(facts).find(({ network }) => network === "lan")!;
        assert.deepEqual(counts, { green: others.length, red: 0, flapping: 1, open: 0 });
        const text = page(facts);
        assert.match(text, /× 1 red at the last update/);
        assert.match(text, /FLAPPING icmp: expected reply, seen 3 of 50 lost/);
        assert.match(text, /could not be asked: no kubeconfig/);
        assert.match(text, /10\.201\.0\.9/);
    });

    it("shows who healed what, and the last update", () => {
        const plan = planOf("dev");
        const node = "multinet-dev-edge2-control-plane";
        const healing = {
            at: "2026-11-26T04:12:09Z",
            cluster: "edge2",
            node,
            by: "its node agent",
        };
        const text = page({
            ...measured(plan),
            healings: [{ ...healing, what: "Put right on this node: the route to 10.1.1.0/24" }],
            update: {
                kind: "update",
                result: "succeeded",
                startTime: 1_795_665_000,
                endTime: 1_795_665_090,
                resourceChanges: { create: 4, same: 30, update: 0 },
            },
        });
        assert.match(text, /2026-11-26 04:12:09/);
        assert.match(text, /Put right on this node: the route to 10\.1\.1\.0\/24/);
        assert.match(text, /↻ 1/);
        assert.match(text, /Last Pulumi update: succeeded, .*, in 90 s: create 4; 30\s+unchanged/);
    });

    it("needs nothing from anywhere", () => {
        const text = page(measured(planOfClusters(3)));
        assert.doesNotMatch(text, /https?:(?!\/\/www\.w3\.org\/2000\/svg")/);
        assert.doesNotMatch(
            text,
            /url\(|@import|<link(?! rel="icon" href="data:,")|<iframe|\ssrc=/,
        );
        const [, script = ""] = /<script>(.*)<\/script>/s.exec(text) ?? [];
        const hash = createHash("sha256").update(script).digest("base64");
        assert.ok(text.includes(`default-src &#39;none&#39;`));
        assert.ok(text.includes(`script-src &#39;sha256-${hash}&#39;`), "its own script may run");
    });

    it("takes every name for text, however hostile", () => {
        const facts = renamed(
            {
                ...notUp(planOf("mixed")),
                notes: ["data-plane"],
                recorded: measured(planOf("mixed")).recorded,
            },
            HOSTILE,
        );
        const healing = {
            at: HOSTILE,
            cluster: HOSTILE,
            node: HOSTILE,
            by: HOSTILE,
            what: HOSTILE,
        };
        const text = page({ ...facts, healings: [healing] });
        assert.doesNotMatch(text, /<script>alert|<img|\u202e|\u0000/);
        assert.equal(text.match(/<script>/g)?.length, 1);
        assert.equal(text.match(/<\/style>/g)?.length, 1);
        assert.ok(text.includes("&lt;script&gt;alert(1)"));
    });
});

describe("picture of a topology", () => {
    it("names every cluster, node, pod and network, for eyes and for screen readers", () => {
        const plan = planOf("mixed");
        const svg = topologySvg(measured(plan)).text;
        for (const name of [
            "edge1",
            "edge2",
            "control-plane",
            "worker",
            "demo2",
            "lan",
            "cilium",
        ]) {
            assert.match(svg, new RegExp(`>\\s*${name}\\s*</text`), name);
        }
        assert.match(svg, /<title[^>]*>\s*Topology of the stack mixed/);
        assert.match(svg, /<desc[^>]*>[^<]*edge2 with 2 nodes and 2 pods/);
        assert.match(svg, /Routes:\n {2}10\.1\.1\.0\/24 via multinet-mixed-edge1-control-plane/);
        assert.match(svg, /net1 on data-plane: 10\.0\.0\.1/);
    });

    it("says by a mark, not by colour alone, which pods are red", () => {
        const plan = planOf("dev");
        const cells = cellsOf(plan, ({ from }) => (from === "edge2/demo1" ? { ok: false } : {}));
        const svg = topologySvg(measured(plan, cells)).text;
        assert.match(svg, /×\s*demo1/);
        assert.doesNotMatch(topologySvg(measured(plan)).text, /×/);
    });
});
