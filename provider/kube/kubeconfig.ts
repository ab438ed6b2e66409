import { createHash } from "node:crypto";
import { parse } from "yaml";

/** What a kubeconfig of kind's says of its one cluster and user. */
export interface Kubeconfig {
    /** Name of the cluster, as kind knows it. */
    cluster: string;
    /** URL of the API. */
    endpoint: string;
    /** SHA-256 of the certificate authority: tells one cluster from another. */
    ca: string;
    /** Whom to trust, and what to log in with, as Node's TLS takes it. */
    tls: { ca: Buffer; cert?: Buffer; key?: Buffer };
}

interface File {
    clusters?: {
        name: string;
        cluster: { server: string; "certificate-authority-data": string };
    }[];
    users?: { user: { "client-certificate-data"?: string; "client-key-data"?: string } }[];
}

/** What was read already, by its text: each resource of a cluster reads the same file again. */
const known = new Map<string, Kubeconfig>();

export function readKubeconfig(text: string): Kubeconfig {
    const found = known.get(text) ?? parsed(text);
    known.set(text, found);
    return found;
}

function parsed(text: string): Kubeconfig {
    const { clusters, users } = fileOf(text);
    const { name, cluster } = clusters?.[0] ?? {};
    if (!name || !cluster) {
        throw new Error("the kubeconfig that kind gave names no cluster");
    }
    const { "client-certificate-data": cert, "client-key-data": key } = users?.[0]?.user ?? {};
    const ca = Buffer.from(cluster["certificate-authority-data"], "base64");
    return {
        cluster: name.replace(/^kind-/, ""),
        endpoint: cluster.server,
        ca: createHash("sha256").update(ca).digest("hex"),
        tls: {
            ca,
            ...(cert && { cert: Buffer.from(cert, "base64") }),
            ...(key && { key: Buffer.from(key, "base64") }),
        },
    };
}

/** The parser's own message would quote the text, which holds a key. */
function fileOf(text: string): File {
    try {
        return (parse(text) ?? {}) as File;
    } catch {
        throw new Error("the kubeconfig that kind gave is not YAML");
    }
}
