import assert from "node:assert/strict";
import { Cluster } from "./cluster.ts";
import { full } from "./full.ts";
import { greenCells } from "./matrix.ts";
import { ownStack } from "./ownStack.ts";
import { CLUSTER, NETWORK, scenario, withCluster } from "./scenario.ts";

full("Calico and kube-proxy with nftables", function () {
    this.timeout("15m");
    const stack = ownStack("cni-nftables");
    const cluster = new Cluster(stack, CLUSTER);

    it("are green with Cilium beside them, by one value", async () => {
        stack.configure(withCluster({ kubeProxyMode: "nftables" }));
        await stack.up();
        await greenCells(stack);
        assert.equal(await cluster.kubeProxyMode(), "nftables");
        assert.equal(await cluster.calicoDataplane(), "Nftables");
        for (const node of await cluster.nodes()) {
            const tables = await node.exec("nft", "list", "tables");
            assert.match(tables, /^table ip kube-proxy$/m, node.name);
            assert.match(tables, /^table ip calico$/m, node.name);
        }
    });

    it("serve the cluster's DNS to pods", async () => {
        const plain = await cluster.demo("plain1");
        const question = ["dig", "+short", "kubernetes.default.svc.cluster.local"];
        assert.match(await cluster.exec(plain, 30, ...question), /^[0-9.]+$/m);
    });

    it("change nothing the second time", () => stack.up("--expect-no-changes"));
});

full("other combinations, from configuration alone", function () {
    this.timeout("15m");
    const stack = ownStack("cni-combined");

    it("are green: Cilium as primary, Cilium beside kindnet, ptp and bridge across both", async () => {
        stack.configure({
            clusters: { own1: { primary: "cilium", nodes: 2 }, beside2: { nodes: 2 } },
            networks: {
                links: { type: "ptp" },
                bridged: { type: "bridge", cidr: "198.19.0.0/16", clusterPrefix: 20 },
                [NETWORK]: { ...scenario.networks[NETWORK], clusters: ["beside2"] },
            },
            demo: { deployments: 2, plain: 1 },
        });
        await stack.up();
        const cells = await greenCells(stack);
        const networks = new Set(cells.map(({ network }) => network));
        assert.deepEqual(networks, new Set(["links", "bridged", NETWORK, "primary"]));
        const own = new Cluster(stack, "own1");
        const kindnet = ["--namespace", "kube-system", "--selector", "app=kindnet"];
        assert.deepEqual(await own.pods(...kindnet), [], "Cilium alone is the primary network");
        assert.equal(
            (await own.pods("--namespace", "kube-system", "--selector", "k8s-app=cilium")).length,
            2,
        );
        for (const node of await own.nodes()) {
            assert.equal((await node.files("/etc/cni/net.d"))[0]?.slice(0, 9), "00-multus");
        }
    });

    it("change nothing the second time", () => stack.up("--expect-no-changes"));
});
