import type { MatrixInputs } from "../../provider/matrix/inputs.ts";
import { reachabilityMatrix } from "../../provider/reachabilityMatrix.ts";
import type { FakeApi } from "./fakes/api.ts";
import { FakeCluster } from "./fakes/cluster.ts";
import { ADDRESS, FREE, NETWORK, NODE, NODE_ADDRESS } from "./matrixScene.ts";

export const pod = (demo: string) => ({ cluster: "edge", demo });

/** Gives each test of a `describe` a matrix of two demo pods in one cluster, all of whose cells are green. */
export function labMatrix(): LabMatrix {
    const lab = new LabMatrix();
    beforeEach(() => lab.make());
    afterEach(() => {
        lab.cluster.stop();
    });
    return lab;
}

class LabMatrix {
    readonly matrix = reachabilityMatrix({ settle: 1500, doubt: 0, api: 300 });
    cluster!: FakeCluster;
    inputs!: MatrixInputs;

    get api(): FakeApi {
        return this.cluster.api;
    }

    async make(): Promise<void> {
        this.cluster = await FakeCluster.start();
        // Both demo pods live in one cluster here: one fake API is enough.
        const nodeAddresses = { [NODE.A]: NODE_ADDRESS.A };
        this.inputs = {
            clusters: [{ name: "edge", ...this.cluster.access, nodeAddresses }],
            namespace: "default",
            networks: [{ name: NETWORK, protocols: ["icmp", "tcp", "udp"], slices: {} }],
            multicast: [],
            pairs: [
                { from: pod("demo1"), to: pod("demo2"), network: NETWORK },
                { from: pod("demo2"), to: pod("demo1"), network: NETWORK },
            ],
            free: [
                {
                    from: pod("demo1"),
                    cluster: "edge",
                    node: NODE.A,
                    network: NETWORK,
                    address: FREE,
                },
            ],
        };
        this.api.put(`/api/v1/nodes/${NODE.A}`, {
            metadata: { name: NODE.A },
            status: { addresses: [{ type: "InternalIP", address: NODE_ADDRESS.A }] },
        });
        this.putPod("demo1", ADDRESS.A);
        this.putPod("demo2", ADDRESS.B);
        this.answer({});
    }

    putPod(demo: string, address: string): void {
        const status = [{ name: "default/data-plane", interface: "net1", ips: [address] }];
        this.api.put(`/api/v1/namespaces/default/pods/${demo}-x`, {
            metadata: {
                name: `${demo}-x`,
                labels: { "multinet.dev/demo": demo, "pod-template-hash": "5d" },
                ownerReferences: [{ kind: "ReplicaSet", name: `${demo}-5d` }],
                annotations: { "k8s.v1.cni.cncf.io/network-status": JSON.stringify(status) },
            },
            spec: { nodeName: NODE.A },
            status: { phase: "Running", podIP: demo === "demo1" ? "10.64.0.6" : "10.64.0.7" },
        });
        this.putDeployment(demo, 1, 1);
    }

    putDeployment(name: string, generation: number, observedGeneration: number): void {
        this.api.put(`/apis/apps/v1/namespaces/default/deployments/${name}`, {
            metadata: { name, generation },
            spec: { replicas: 1 },
            status: { observedGeneration, updatedReplicas: 1, readyReplicas: 1 },
        });
    }

    /** All is well, except for what is stated. */
    answer(faults: Record<string, Record<string, string | string[]>>): void {
        const well = (from: string, to: string, peer: string) => ({
            [`icmp ${to}`]: "ok ttl=62",
            [`tcp ${to}`]: `ok ${from} ${peer}`,
            [`udp ${to}`]: `ok ${from} ${peer}`,
            [`unreachable ${FREE}`]: `ok ${NODE_ADDRESS.A}`,
        });
        this.api.answers = {
            "demo1-x": { ...well(ADDRESS.A, ADDRESS.B, "demo2-x"), ...faults["demo1-x"] },
            "demo2-x": { ...well(ADDRESS.B, ADDRESS.A, "demo1-x"), ...faults["demo2-x"] },
        };
    }

    /** How often each question was asked in all, in the order of their first time. */
    timesAsked(): Record<string, number> {
        const kinds = Map.groupBy(this.api.questions, (line) =>
            line.split(" ").slice(0, 2).join(" "),
        );
        return Object.fromEntries([...kinds].map(([kind, all]) => [kind, all.length]));
    }

    call(...args: Parameters<FakeCluster["call"]>) {
        return this.cluster.call(...args);
    }
    /** What a create records. */
    async proved() {
        const { id, outputs } = await this.matrix.create(this.inputs, this.call());
        return { id, inputs: this.inputs, outputs };
    }
}
