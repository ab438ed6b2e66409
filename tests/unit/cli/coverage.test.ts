import assert from "node:assert/strict";
import { planTopology } from "../../../plan/planTopology.ts";
import { validateConfig } from "../../../plan/config/validate.ts";
import type { MatrixInputs } from "../../../provider/matrix/inputs.ts";
import { notCovered } from "../../../cli/coverage.ts";

const STACK = "dev";
const config = {
    clusters: { edge1: {}, edge2: { nodes: 2 } },
    networks: {
        data: { type: "ptp", cidr: "10.0.0.0/12" },
        overlay: { type: "cilium", cidr: "10.48.0.0/16", clusters: ["edge2"] },
    },
};

/** What the matrix has got after an update with that configuration came to its end. */
function inputsOf(config: Record<string, unknown>): MatrixInputs {
    const owner = { project: "multinet", stack: STACK };
    const result = validateConfig(config, owner);
    assert.ok("topology" in result);
    const { clusters, reachability } = planTopology(result.topology, owner);
    const { networks, scope, ...rest } = reachability;
    const given = { "multinet-dev-edge2-worker": "10.48.0.0/24" };
    return structuredClone({
        ...rest,
        scope,
        namespace: "default",
        clusters: clusters.map(({ name }) => ({
            name,
            ca: "",
            kubeconfigPath: "",
            nodeAddresses: {},
        })),
        // Which ranges Cilium gave is known only while it runs.
        networks: networks.map((one) => (one.overlay ? { ...one, slices: given } : one)),
    });
}

describe("what a matrix does not cover", () => {
    const inputs = inputsOf(config);
    const missing = (now: Record<string, unknown>) => notCovered(inputs, STACK, now);

    it("is nothing after an update with this configuration", () => {
        assert.deepEqual(missing(config), []);
    });

    it("is a cluster that never came up, with its node and its pods", () => {
        const clusters = { ...config.clusters, edge3: {} };
        assert.deepEqual(missing({ ...config, clusters }), [
            "cluster edge3",
            "node multinet-dev-edge3-control-plane",
            "pod edge3/demo1",
            "pod edge3/demo2",
        ]);
    });

    it("is a network, and a node", () => {
        const networks = { ...config.networks, lan: { type: "macvlan", cidr: "10.32.0.0/16" } };
        assert.deepEqual(missing({ ...config, networks }), ["network lan"]);
        const clusters = { ...config.clusters, edge1: { nodes: 2 } };
        assert.deepEqual(missing({ ...config, clusters }), ["node multinet-dev-edge1-worker"]);
    });

    it("is whatever else changed, such as an MTU", () => {
        const networks = { ...config.networks, data: { ...config.networks.data, mtu: 1400 } };
        assert.deepEqual(missing({ ...config, networks }), ["other changes of the configuration"]);
    });

    it("is all, where the configuration is not valid", () => {
        const networks = { data: { type: "ptp", cidr: "10.0.0.0/99" } };
        assert.deepEqual(missing({ ...config, networks }), [
            "the configuration, which is not valid (networks.data.cidr)",
        ]);
    });

    it("is not a cluster that is gone from the configuration, but pairs with it are no longer right", () => {
        assert.deepEqual(missing({ ...config, clusters: { edge2: { nodes: 2 } } }), [
            "other changes of the configuration",
        ]);
    });
});
