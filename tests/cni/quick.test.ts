import assert from "node:assert/strict";
import { startTimes, world } from "../e2e/world.ts";
import { ciliumRanges } from "./ciliumRanges.ts";
import { Cluster } from "./cluster.ts";
import { countOf, greenCells } from "./matrix.ts";
import { ownStack } from "./ownStack.ts";
import { assertPlannedRoutes } from "./routeTable.ts";
import { CLUSTER, DEMOS, NETWORK, PLAIN, scenario } from "./scenario.ts";

interface Outputs {
    clusters: Record<string, { nodes: { name: string }[] }>;
    topology: string;
}

describe("quick: Calico, Multus and Cilium in one cluster", function () {
    this.timeout("15m");
    const stack = ownStack("cni-quick");
    const cluster = new Cluster(stack, CLUSTER);
    let asBefore: Awaited<ReturnType<typeof world>>;

    before(async () => {
        asBefore = await world(stack.kubeconfigs);
        stack.configure(scenario);
    });

    it("comes up from nothing, in one update, with a green matrix", async () => {
        await stack.up();
        const cells = await greenCells(stack);
        const pairs = DEMOS * (DEMOS - 1);
        assert.deepEqual(countOf(cells.filter(({ network }) => network === NETWORK)), {
            icmp: pairs,
            large: pairs,
            tcp: pairs,
            bulk: pairs,
            udp: pairs,
        });
        const others = PLAIN * (2 * DEMOS + PLAIN - 1);
        assert.deepEqual(countOf(cells.filter(({ network }) => network === "primary")), {
            icmp: others,
            large: others,
            tcp: others,
            bulk: others,
            udp: others,
        });
    });

    it("says which range and router each node has from Cilium, as outputs and in the picture", async () => {
        const given = await ciliumRanges(cluster);
        const { clusters, topology } = await stack.outputs<Outputs>();
        const { nodes } = clusters[CLUSTER]!;
        assert.deepEqual(nodes.map(({ name }) => name).sort(), [...given.keys()].sort());
        for (const node of nodes) {
            const { range, router } = given.get(node.name)!;
            const drawn =
                topology.split("\n").find((line) => line.includes(`["${node.name}<`)) ?? "";
            for (const text of [JSON.stringify(node), drawn]) {
                assert.ok(text.includes(range), `${node.name} has ${range}, but it says: ${text}`);
                assert.ok(
                    text.includes(router),
                    `${node.name} has ${router}, but it says: ${text}`,
                );
            }
        }
    });

    it("gives its pods the planned routes and no others", () => assertPlannedRoutes(cluster));

    it("keeps Calico on the nodes' own addresses", async () => {
        const given = await ciliumRanges(cluster);
        for (const { name, address, annotations } of await cluster.nodes()) {
            const calico = annotations["projectcalico.org/IPv4Address"]?.split("/")[0];
            assert.equal(calico, address, name);
            assert.notEqual(calico, given.get(name)!.router, name);
        }
    });

    it("has Multus first, and no file of Cilium's, among the CNI configurations of every node", async () => {
        for (const node of await cluster.nodes()) {
            const files = await node.files("/etc/cni/net.d");
            assert.equal(files[0], "00-multus.conf", node.name);
            assert.deepEqual(
                files.filter((file) => /cilium/.test(file)),
                [],
                node.name,
            );
        }
    });

    it("uses iptables in kube-proxy and in Calico", async () => {
        assert.match(await cluster.kubeProxyMode(), /^(iptables)?$/);
        assert.equal(await cluster.calicoDataplane(), "Iptables");
    });

    it("limits the memory of every node, and pins every image", async () => {
        const [, amount, unit] = /^(\d+)(MiB|GiB)$/.exec(
            scenario.clusters[CLUSTER]!.memory ?? "4GiB",
        )!;
        const limit = Number(amount) * 2 ** (unit === "GiB" ? 30 : 20);
        for (const node of await cluster.nodes()) {
            assert.equal(await node.memoryLimit(), limit, node.name);
        }
        for (const { name, image } of await cluster.pods()) {
            assert.match(image, /:[^:/]+$/, `image of ${name}`);
            assert.doesNotMatch(image, /:latest$/, `image of ${name}`);
        }
    });

    it("changes nothing the second time", async () => {
        const started = await startTimes("multinet-cni-quick-");
        await stack.up("--expect-no-changes");
        assert.deepEqual(await startTimes("multinet-cni-quick-"), started);
    });

    it("leaves nothing behind", async () => {
        await stack.destroy();
        assert.deepEqual(await world(stack.kubeconfigs), asBefore);
    });
});
