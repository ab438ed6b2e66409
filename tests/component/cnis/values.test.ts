import assert from "node:assert/strict";
import { typeOf } from "../../../plan/networks/types.ts";
import { primaryOf } from "../../../plan/primaries/types.ts";
import type { ClusterPlan, HelmValues, NetworkPlan } from "../../../plan/plan.ts";
import { validateConfig } from "../../../plan/config/validate.ts";
import { edge2, edge3, owner, plan } from "../allCnis.ts";

describe("a testbed with all CNIs", () => {
    it("refuses another pool where Cilium has given ranges of one", () => {
        const network = plan.networks.find((network) => network.type === "cilium")!;
        const ranges = { "edge2-worker": { range: "10.245.1.0/24", router: "10.245.1.99" } };
        const givenProblem = (network: NetworkPlan) =>
            typeOf(network).givenProblem?.(network, ranges, "k");
        assert.equal(givenProblem(network), undefined);
        for (const change of [{ cidr: "10.99.0.0/16" }, { nodePrefix: 25 }]) {
            assert.match(
                givenProblem({ ...network, ...change }) ?? "",
                /networks\.overlay: .*edge2-worker.*10\.245\.1\.0\/24.*\n.*delete ciliumnodes/,
            );
        }
    });

    describe("values of charts", () => {
        const { networks } = plan;
        const overlay = networks.find((network) => network.type === "cilium")!;
        const ofPrimary = (cluster: ClusterPlan, settings: object = cluster.settings!) =>
            primaryOf(cluster).values!(cluster, settings);
        const ofExtra = (values?: HelmValues) =>
            typeOf(overlay).values!({ ...overlay, ...(values && { values }) });
        const calico = ofPrimary(edge2);
        const primary = ofPrimary(edge3);
        const secondary = ofExtra();

        it("have the pool, and let Calico's data plane follow kube-proxy", () => {
            const { calicoNetwork } = calico["installation"] as {
                calicoNetwork: Record<string, unknown>;
            };
            assert.equal(calicoNetwork["linuxDataplane"], "Nftables");
            assert.equal(calicoNetwork["bgp"], "Disabled");
            assert.deepEqual(calicoNetwork["ipPools"], [
                {
                    cidr: edge2.podSubnet,
                    encapsulation: "VXLAN",
                    natOutgoing: "Enabled",
                    blockSize: 26,
                },
            ]);
            const pool = (values: HelmValues) => (values["ipam"] as HelmValues)["operator"];
            assert.deepEqual(pool(secondary), {
                clusterPoolIPv4PodCIDRList: ["10.245.0.0/16"],
                clusterPoolIPv4MaskSize: 24,
            });
            assert.deepEqual(pool(primary), {
                clusterPoolIPv4PodCIDRList: [edge3.podSubnet],
                clusterPoolIPv4MaskSize: 24,
            });
            assert.equal(secondary["MTU"], 1450);
        });

        it("keep what the user says where the testbed only has a default", () => {
            assert.deepEqual(calico["apiServer"], { enabled: true });
            assert.deepEqual(calico["whisker"], { enabled: false });
            const { nonPrivileged, controlPlaneReplicas } = calico["installation"] as HelmValues;
            assert.deepEqual([nonPrivileged, controlPlaneReplicas], ["Enabled", 1]);
            assert.deepEqual(primary["hubble"], { enabled: true });
            assert.deepEqual(secondary["hubble"], { enabled: false });
            const users = { operator: { replicas: 2 }, policyEnforcementMode: "default" };
            const changed = ofExtra(users);
            assert.equal(changed["policyEnforcementMode"], "default");
            assert.equal((changed["operator"] as HelmValues)["replicas"], 2);
            assert.equal((changed["operator"] as HelmValues)["setNodeTaints"], false);
        });

        it("leave the primary network and its pods alone as a secondary network", () => {
            assert.deepEqual(secondary["cni"], {
                exclusive: false,
                customConf: true,
                uninstall: false,
            });
            assert.deepEqual((secondary["operator"] as HelmValues)["unmanagedPodWatcher"], {
                restart: false,
            });
            assert.equal(secondary["enableIPv4Masquerade"], false);
            assert.deepEqual(primary["cni"], { exclusive: false });
            assert.equal(primary["enableIPv4Masquerade"], undefined);
        });

        /** What is the same whatever the user says is decided, and saying it is refused. */
        it("are refused where multinet fixes them, each one", () => {
            const cases: [
                HelmValues,
                (values: HelmValues) => HelmValues,
                (values: HelmValues) => object,
            ][] = [
                [
                    calico,
                    (values) => ofPrimary(edge2, { ...edge2.settings, values }),
                    (values) => ({
                        clusters: { edge1: { primary: "calico", calico: { values } } },
                    }),
                ],
                [
                    primary,
                    (values) => ofPrimary(edge3, { values }),
                    (values) => ({
                        clusters: { edge1: { primary: "cilium", cilium: { values } } },
                    }),
                ],
                [
                    secondary,
                    ofExtra,
                    (values) => ({
                        clusters: { edge1: {} },
                        networks: { overlay: { type: "cilium", cidr: "10.245.0.0/16", values } },
                    }),
                ],
            ];
            for (const [all, over, config] of cases) {
                for (const path of leaves(all)) {
                    const users = at(path, "the user's");
                    const refused = "problems" in validateConfig(config(users) as never, owner);
                    const kept = JSON.stringify(over(users)).includes("the user's");
                    assert.notEqual(refused, kept, `${path.join(".")}: refused ${refused}`);
                }
            }
        });
    });
});

/** The paths of all values that are no maps. */
function leaves(values: HelmValues, path: string[] = []): string[][] {
    return Object.entries(values).flatMap(([key, value]) =>
        typeof value === "object" && value !== null && !Array.isArray(value)
            ? leaves(value as HelmValues, [...path, key])
            : [[...path, key]],
    );
}

function at([key, ...rest]: string[], value: unknown): HelmValues {
    return { [key!]: rest.length === 0 ? value : at(rest, value) };
}
