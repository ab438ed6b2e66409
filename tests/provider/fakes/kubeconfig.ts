import { stringify } from "yaml";

/** A kubeconfig whose certificate authority is `identity`. */
export function kubeconfig(identity: string): string {
    return stringify({
        clusters: [
            {
                name: "kind-lab",
                cluster: {
                    server: "https://127.0.0.1:6443",
                    "certificate-authority-data": Buffer.from(identity).toString("base64"),
                },
            },
        ],
        users: [{ name: "kind", user: { "client-key-data": "c2VjcmV0" } }],
    });
}
