import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { cidrOf, firstHost } from "../../../plan/cidr.ts";
import { documentation } from "../../../plan/config/documentation.ts";
import { stackFileSchema } from "../../../plan/config/jsonSchema.ts";
import { key } from "../../../plan/config/key.ts";
import { validateConfig } from "../../../plan/config/validate.ts";
import { slices } from "../../../plan/networks/division.ts";
import { sliced } from "../../../plan/networks/keys.ts";
import type { ConfigOf, NetworkType } from "../../../plan/networks/networkType.ts";
import { NETWORK_TYPES } from "../../../plan/networks/types.ts";
import type { NetworkPlan } from "../../../plan/plan.ts";
import { planTopology } from "../../../plan/planTopology.ts";
import { PRIMARY_TYPES } from "../../../plan/primaries/types.ts";
import { kernelProblems, pluginProblems } from "../../../plan/rules/hostRequirements.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const OWNER = { project: "multinet", stack: "unit" };

/** Files that are about one type or primary network, and may say which. */
const OF_ONE = /^(plan\/(networks|primaries)\/|tests\/)/;

describe("the names of types and primary networks", () => {
    it("are compared in no file but their own", () => {
        const names = [...NETWORK_TYPES, ...PRIMARY_TYPES].map(({ name }) => name).join("|");
        // Docker has drivers of such names, too.
        const compared = new RegExp(
            `^(?!.*driver).*((===|!==|==|case|includes\\()\\s*["'](${names})["']|["'](${names})["']\\s*(===|!==|==))`,
        );
        const files = execFileSync("git", ["ls-files", "*.ts", "*.mjs"], { cwd: ROOT })
            .toString()
            .split("\n")
            .filter((file) => file !== "" && !OF_ONE.test(file));
        assert.ok(files.length > 100);
        const found = files.flatMap((file) =>
            readFileSync(join(ROOT, file), "utf8")
                .split("\n")
                .filter((line) => compared.test(line))
                .map((line) => `${file}: ${line.trim()}`),
        );
        assert.deepEqual(found, []);
    });
});

const keys = {
    ...sliced,
    vni: key(z.number().int().default(42), "number of the segment", { example: "42" }),
};

interface SegmentPlan extends NetworkPlan {
    clusterPrefix: number;
    vni: number;
}

/** A type that the product does not have: a layer 2 that ends with the cluster. */
const segment: NetworkType<ConfigOf<typeof keys>, SegmentPlan> = {
    name: "segment",
    text: { is: "a numbered segment", between: "no" },
    keys,
    division: slices,
    routed: false,
    reach: "cluster",
    layer2: true,
    overlay: true,
    measured: true,
    reserved: { before: "the segment's own" },
    plugins: () => ["segmenter"],
    plan: ({ clusterPrefix, vni }) => ({ clusterPrefix, vni }),
    cni: ({ vni }, slice) => [{ type: "segmenter", vni, gateway: firstHost(cidrOf(slice)) }],
    group: () => "239.192.0.1",
    problems: (networks) =>
        networks
            .filter(([, { vni }]) => vni === 13)
            .map(([name]) => ({
                key: `networks.${name}.vni`,
                value: "13",
                reason: "It brings bad luck.",
                fix: "Take 14.",
            })),
    needs: ({ name }) => [
        { option: "CONFIG_SEGMENT", path: ["networks", name, "type"], value: "segment", fix: "-" },
    ],
};

describe("a further type of network, registered in a test", () => {
    before(() => NETWORK_TYPES.push(segment));
    after(() => NETWORK_TYPES.pop());

    const clusters = { edge1: { nodes: 2 }, edge2: {} };
    const withSegment = (network: object) => ({
        clusters,
        networks: { s: { type: "segment", cidr: "172.16.0.0/12", ...network } },
    });

    function problemsOf(config: object) {
        const result = validateConfig(config as Record<string, unknown>, OWNER);
        return "problems" in result ? result.problems : [];
    }

    function planned(network: object = {}) {
        const result = validateConfig(withSegment(network), OWNER);
        assert.ok("topology" in result, JSON.stringify(result));
        return planTopology(result.topology, OWNER);
    }

    it("has its own keys, and errors in them", () => {
        assert.match(problemsOf(withSegment({ vnj: 7 }))[0]!.reason, /"vni" was probably meant/);
        assert.deepEqual(problemsOf(withSegment({ vni: "seven" }))[0], {
            key: "networks.s.vni",
            value: '"seven"',
            reason: "This must be an integer, but it is text.",
            fix: "Write for example vni: 42",
        });
        assert.equal(problemsOf(withSegment({ vni: 13 }))[0]!.reason, "It brings bad luck.");
        assert.match(problemsOf(withSegment({ type: "segmend" }))[0]!.fix, /Write type: segment/);
    });

    it("must state its range, and is checked for room", () => {
        const [missing] = problemsOf({ clusters, networks: { s: { type: "segment" } } });
        assert.deepEqual(
            [missing!.key, missing!.reason],
            ["networks.s.cidr", 'The key "cidr" is missing.'],
        );
        const [small] = problemsOf(withSegment({ nodePrefix: 30 }));
        assert.match(small!.reason, /slice of \/30 has 2 addresses.*the segment's own/);
        const [none] = problemsOf(withSegment({ clusterPrefix: 23 }));
        assert.match(none!.reason, /slices of \/24 for 1 node only/);
    });

    it("is planned with its own part, and has CNI files", () => {
        const plan = planned({ vni: 7 });
        assert.deepEqual(plan.networks, [
            {
                name: "s",
                cidr: "172.16.0.0/12",
                mtu: 1500,
                clusters: ["edge1", "edge2"],
                type: "segment",
                clusterPrefix: 16,
                vni: 7,
            },
        ]);
        const { nodes, slices, exempt } = plan.clusters[0]!.agents;
        assert.deepEqual(
            Object.values(nodes).map(({ attachments }) => attachments[0]!.conflist),
            ["172.17.1.1", "172.17.2.1"].map((gateway) => ({
                cniVersion: "0.3.1",
                name: "s",
                plugins: [{ type: "segmenter", vni: 7, gateway }],
            })),
        );
        assert.deepEqual([exempt, Object.values(slices).flat()], [[], []]);
    });

    it("has cells of the matrix as far as it reaches", () => {
        const { pairs, unique, multicast, networks } = planned().reachability;
        assert.ok(pairs.length > 0);
        assert.ok(pairs.every(({ from, to }) => from.cluster === to.cluster));
        assert.equal(unique.length, 4);
        assert.equal(multicast.length, pairs.length);
        assert.equal(networks[0]!.overlay, true);
    });

    it("asks for its plugin and its kernel option", () => {
        assert.match(pluginProblems(planned(), false)[0]!.reason, /CNI plugin "segmenter"/);
        assert.match(kernelProblems(planned(), () => false)[0]!.reason, /CONFIG_SEGMENT/);
    });

    it("stands in the documentation and in the schema of stack files", () => {
        const { types, networks } = documentation();
        assert.match(types!, /\| `segment` \| a numbered segment \| no \|/);
        assert.match(networks!, /\| `vni` \| `segment` \| number of the segment \| 42 \|/);
        assert.match(JSON.stringify(stackFileSchema()), /"const":"segment"/);
    });
});
