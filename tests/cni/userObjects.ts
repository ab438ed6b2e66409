import type { Cluster } from "./cluster.ts";
import type { Pod } from "./pod.ts";

const LABEL = "multinet-test";
const labels = { [LABEL]: "by-hand" };

/** Writes a NetworkAttachmentDefinition with a configuration of its own. */
export async function writeDefinition(
    cluster: Cluster,
    name: string,
    plugins: object[],
): Promise<void> {
    await cluster.apply({
        apiVersion: "k8s.cni.cncf.io/v1",
        kind: "NetworkAttachmentDefinition",
        metadata: { name, namespace: "default", labels },
        spec: { config: JSON.stringify({ cniVersion: "0.3.1", name, plugins }) },
    });
}

/** Two pods with a network on the first two nodes; both listen on TCP port 7000. */
export async function pair(cluster: Cluster, network: string, image: string): Promise<[Pod, Pod]> {
    const nodes = (await cluster.nodes()).slice(0, 2);
    const names = nodes.map((_, index) => `${network}-by-hand${index + 1}`);
    for (const [index, node] of nodes.entries()) {
        await cluster.apply(pod(names[index]!, node.name, network, image));
    }
    await cluster.kubectl(
        ...["wait", "--for=condition=Ready", "--timeout=50s"],
        ...names.map((name) => `pod/${name}`),
    );
    const pods = await cluster.pods("--namespace", "default");
    return names.map((name) => pods.find((one) => one.name === name)!) as [Pod, Pod];
}

function pod(name: string, node: string, network: string, image: string) {
    const annotations = { "k8s.v1.cni.cncf.io/networks": network };
    const command = ["socat", "TCP4-LISTEN:7000,fork,reuseaddr", "EXEC:cat"];
    return {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name, namespace: "default", labels, annotations },
        spec: {
            nodeName: node,
            tolerations: [{ operator: "Exists" }],
            terminationGracePeriodSeconds: 1,
            containers: [{ name: "listener", image, imagePullPolicy: "IfNotPresent", command }],
        },
    };
}

/** Removes all that was written, pods first. */
export async function removeByHand(cluster: Cluster): Promise<void> {
    for (const kind of ["pods", "net-attach-def"]) {
        await cluster.kubectl("delete", kind, "--selector", `${LABEL}=by-hand`);
    }
}
