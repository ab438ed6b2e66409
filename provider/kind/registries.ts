import type { Call } from "../resource.ts";
import type { Runtime } from "../runtime/runtime.ts";

/** How nodes reach one registry where that is not the ordinary way. */
export type Registry = {
    /** PEM text of the certificates that sign its own. */
    ca?: string;
    /** `user:password`, encoded with base64 as in docker's configuration file. */
    login?: string;
    /** It speaks HTTP. */
    plain?: boolean;
};

/** By host and port, as image references have it: `registry.example.com:5000`. */
export type Registries = Record<string, Registry>;

/** Where containerd looks a registry up, anew for every pull (containerd, docs/hosts.md). */
const HOSTS = "/etc/containerd/certs.d";

/** Where the kubelet looks for logins (Kubernetes, "Pull an Image from a Private Registry"). */
const LOGINS = "/var/lib/kubelet/config.json";

/** Docker Hub's registry has another name than its images, and a third one for logins. */
const HUB = {
    images: "docker.io",
    server: "registry-1.docker.io",
    login: "https://index.docker.io/v1/",
};

/** Text of each file of a node, by its path. */
export function registryFiles(registries: Registries): Record<string, string> {
    const files: Record<string, string> = {};
    const auths: Record<string, { auth: string }> = {};
    for (const [host, { ca, login, plain }] of Object.entries(registries)) {
        const folder = `${HOSTS}/${host}`;
        if (ca !== undefined || plain) {
            const server = `${plain ? "http" : "https"}://${host === HUB.images ? HUB.server : host}`;
            const lines = [
                `server = "${server}"`,
                `[host."${server}"]`,
                'capabilities = ["pull", "resolve"]',
                ...(ca === undefined ? [] : [`ca = "${folder}/ca.crt"`]),
            ];
            files[`${folder}/hosts.toml`] = `${lines.join("\n")}\n`;
        }
        if (ca !== undefined) {
            files[`${folder}/ca.crt`] = ca;
        }
        if (login !== undefined) {
            auths[host === HUB.images ? HUB.login : host] = { auth: login };
        }
    }
    if (Object.keys(auths).length > 0) {
        files[LOGINS] = JSON.stringify({ auths });
    }
    return files;
}

/**
 * Has nodes reach registries as they are told to. `before` is what they were told last: what is not said any more is
 * removed.
 */
export async function writeRegistries(
    runtime: Runtime,
    nodes: string[],
    { now = {}, before = {} }: { now?: Registries | undefined; before?: Registries | undefined },
    { signal }: Pick<Call, "signal">,
): Promise<void> {
    const [files, old] = [registryFiles(now), registryFiles(before)];
    const gone = Object.keys(old).filter((path) => !(path in files));
    const secrets = Object.values(now).flatMap(({ login }) => login ?? []);
    for (const node of nodes) {
        if (gone.length > 0) {
            await runtime.exec(node, ["rm", "-f", "--", ...gone], { signal });
        }
        for (const [path, input] of Object.entries(files)) {
            const write = ["install", "-D", "-m", "600", "/dev/stdin", path];
            await runtime.exec(node, write, { signal, input, secrets });
        }
    }
}
