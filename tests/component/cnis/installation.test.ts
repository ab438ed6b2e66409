import assert from "node:assert/strict";
import { bridgeMade } from "../../../stack/machine.ts";
import { resolveCharts } from "../../../plan/images.ts";
import { Testbed } from "../../../components/testbed.ts";
import { registered } from "../mocks.ts";
import { allCnis, edge2, images, plan } from "../allCnis.ts";

describe("a testbed with all CNIs", function () {
    const lab = allCnis();

    it("leaves kind's own network out where there is another, and passes kube-proxy's mode on", () => {
        const config = (name: string) => lab.one(`${name}-kind`).inputs["config"] as string;
        assert.doesNotMatch(config("edge1"), /disableDefaultCNI|kubeProxyMode/);
        assert.match(config("edge2"), /disableDefaultCNI: true\n +kubeProxyMode: nftables/);
        assert.match(config("edge3"), /disableDefaultCNI: true\n/);
        assert.match(config("edge1"), /kubeadmConfigPatches:[^]*unsafe-no-fsync: "true"/);
    });

    it("puts Multus in front of the primary network, and gives its agent the same file to watch", () => {
        const files = ["10-kindnet.conflist", "10-calico.conflist", "05-cilium.conflist"];
        for (const [i, { name }] of plan.clusters.entries()) {
            const multus = lab.values(`${name}-multus-release`);
            assert.equal(multus["masterConflist"], files[i]);
            assert.equal(multus["toolbox"], images.toolbox);
            assert.equal(lab.values(`${name}-node-routes-release`)["primaryConf"], files[i]);
        }
    });

    it("installs primary network, Multus and secondary Cilium one after the other, and then the pods", () => {
        assert.ok(lab.awaited("edge2-multus-release").includes("edge2-calico-release"));
        assert.ok(lab.awaited("edge2-cilium-release").includes("edge2-multus-release"));
        assert.ok(lab.awaited("edge2-cilium-nodes").includes("edge2-cilium-release"));
        for (const last of [
            "cilium-nodes",
            "node-routes-rollout",
            "attachment-overlay-release",
            "attachment-lan-release",
        ]) {
            assert.ok(lab.awaited("edge2-demo-release").includes(`edge2-${last}`), last);
        }
        assert.ok(lab.awaited("edge3-multus-release").includes("edge3-cilium-nodes"));
        assert.ok(!lab.awaited("edge3-cilium-release").includes("edge3-multus-release"));
    });

    it("takes charts from where they are, and hands each the number of its repairs", () => {
        const calico = lab.one("edge2-calico-release").inputs;
        assert.equal(calico["chart"], "/charts/tigera-operator");
        assert.equal(calico["namespace"], "tigera-operator");
        assert.equal(calico["createNamespace"], true);
        assert.equal(lab.values("edge2-calico-release")["repair"], "0");
        const cilium = lab.one("edge3-cilium-release").inputs;
        assert.equal(cilium["chart"], "cilium");
        assert.match(cilium["version"] as string, /^\d+\.\d+\.\d+$/);
        assert.match(JSON.stringify(cilium["repositoryOpts"]), /"repo":"https:/);
    });

    it("takes every image from the mirror", () => {
        const calico = JSON.stringify(lab.values("edge2-calico-release"));
        assert.match(calico, /"registry":"mirror.example.com\/m\/"/);
        assert.match(calico, /"tigeraOperator":\{"registry":"mirror.example.com\/m"\}/);
        const { image, operator } = lab.values("edge2-cilium-release") as Record<string, unknown>;
        assert.deepEqual(image, { repository: "mirror.example.com/m/cilium/cilium" });
        assert.deepEqual((operator as Record<string, unknown>)["image"], {
            repository: "mirror.example.com/m/cilium/operator",
        });
    });

    it("asks every node for its Cilium range, and hands the ranges to the proof and to the picture", () => {
        assert.deepEqual(
            lab.one("edge2-cilium-nodes").inputs["nodes"],
            edge2.nodes.map(({ name }) => name),
        );
        const { networks } = lab.one("testbed-reachability-matrix").inputs as {
            networks: { name: string; slices: Record<string, string> }[];
        };
        const slices = (network: string) => networks.find(({ name }) => name === network)!.slices;
        assert.deepEqual(Object.values(slices("overlay")), ["10.245.0.0/24", "10.245.1.0/24"]);
        assert.equal(Object.keys(slices("data-plane")).length, 5);
        assert.match(lab.shown.topology, /overlay 10\.245\.1\.0\/24, router 10\.245\.1\.99/);
        assert.match(lab.shown.topology, /cilium 10\.245\.0\.0\/24, router 10\.245\.0\.99/);
        assert.equal([...lab.shown.clusters.matchAll(/"router":/g)].length, 3);
    });

    it("gives each cluster the networks that it joins, and no others", () => {
        const attachments = (cluster: string) =>
            [...lab.all.values()]
                .filter(
                    ({ type, name }) => type.endsWith(":Attachment") && name.startsWith(cluster),
                )
                .map(({ name }) => name.slice(`${cluster}-attachment-`.length));
        assert.deepEqual(attachments("edge1"), ["data-plane", "lan", "seats", "local"]);
        assert.deepEqual(attachments("edge2"), ["data-plane", "lan", "seats", "local", "overlay"]);
        assert.deepEqual(attachments("edge3"), ["data-plane"]);
    });

    it("takes the time of the bridge from its label, now if it must be made, none if it never had one", () => {
        const bridge = {
            id: "1",
            name: "multinet-unit",
            driver: "bridge",
            subnets: [],
            labels: {},
        };
        const labels = { "multinet.dev/made": "then" };
        assert.equal(bridgeMade({ own: [{ ...bridge, labels }], foreign: [] }), "then");
        assert.equal(bridgeMade({ own: [bridge], foreign: [] }), undefined);
        assert.match(bridgeMade({ own: [], foreign: [bridge] })!, /^2\d{3}-.*Z$/);
    });

    it("marks the bridge with when it was made", () => {
        assert.deepEqual((lab.one("testbed-bridge-network").inputs["labels"] as unknown[]).at(-1), {
            label: "multinet.dev/made",
            value: "2026-01-01T00:00:00.000Z",
        });
    });

    it("encrypts only where it is asked to, when Calico is there and before the pods are", async () => {
        assert.ok(![...lab.all.keys()].some((name) => name.includes("encryption")));
        const encrypted = {
            clusters: { edge1: { primary: "calico", calico: { wireguard: true } } },
        };
        lab.all = await registered(() => {
            new Testbed("testbed", encrypted, {
                host: {
                    images,
                    charts: resolveCharts({}),
                    archives: [],
                    kubeconfigs: "/kubeconfigs",
                },
            });
        });
        assert.deepEqual(lab.one("edge1-encryption-felix").inputs["spec"], {
            wireguardEnabled: true,
        });
        assert.deepEqual(lab.awaited("edge1-encryption-felix"), [
            "edge1-node-routes-release",
            "edge1-node-routes-rollout",
        ]);
        assert.ok(lab.awaited("edge1-demo-release").includes("edge1-encryption-felix"));
    });
});
