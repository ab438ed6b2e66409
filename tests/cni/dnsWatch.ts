import type { Cluster } from "./cluster.ts";

const NAME = "dns-watch";

/** One question a second, whatever time the answer takes; `dig` reports some failures on its standard output. */
const SCRIPT = `
    while :; do
        sleep 1 &
        if [[ $(dig +short +tries=1 +time=2 kubernetes.default.svc.cluster.local) =~ ^[0-9.]+$ ]]; then
            echo answered
        else
            echo "lost at $(date +%T)"
        fi
        wait
    done
`;

/** Starts a pod that asks the cluster's DNS once a second. It belongs to no release, so that no update touches it. */
export async function startDnsWatch(cluster: Cluster, image: string): Promise<void> {
    await cluster.apply({
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: NAME, namespace: "default" },
        spec: {
            terminationGracePeriodSeconds: 1,
            containers: [
                {
                    name: NAME,
                    image,
                    imagePullPolicy: "IfNotPresent",
                    command: ["bash", "-c", SCRIPT],
                },
            ],
        },
    });
    await cluster.kubectl("wait", "--for=condition=Ready", `pod/${NAME}`, "--timeout=50s");
}

/** How often it got an answer so far, and when it got none. */
export async function dnsAnswers(cluster: Cluster): Promise<{ answered: number; lost: string[] }> {
    const lines = (await cluster.kubectl("logs", NAME)).split("\n").filter(Boolean);
    const lost = lines.filter((line) => line !== "answered");
    return { answered: lines.length - lost.length, lost };
}
