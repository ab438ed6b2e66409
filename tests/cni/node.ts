import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Milliseconds for a command on a node, or about it. */
const TIME = 60_000;

/**
 * Finds the network namespace that has the address $0 on eth0, and runs `ip` in it. Where Podman is rootless, `ip -n`
 * cannot do that: it would mount /sys.
 */
const IN_POD = `
    for name in $(ip netns list | cut -d" " -f1); do
        inside="nsenter --net=/run/netns/$name"
        if $inside ip -4 -oneline address show dev eth0 | grep -qF " $0/"; then
            exec $inside ip "$@"
        fi
    done
    echo "no pod has the address $0" >&2
    exit 1
`;

/** A node as the API gives it. */
export interface ApiNode {
    metadata: { name: string; annotations?: Record<string, string> };
    status: { addresses: { type: string; address: string }[] };
}

/** A node of a kind cluster: an object of the API, and a container of the same name. */
export class Node {
    readonly name: string;
    /** Its InternalIP. */
    readonly address: string;
    readonly annotations: Record<string, string>;

    constructor({ metadata: { name, annotations = {} }, status: { addresses } }: ApiNode) {
        this.name = name;
        this.annotations = annotations;
        this.address = addresses.find(({ type }) => type === "InternalIP")!.address;
    }

    exec(...command: string[]): Promise<string> {
        return docker("exec", this.name, ...command);
    }

    /** Runs `ip` in the network namespace of one of its pods, with the rights of the node: the pod has none. */
    ipInPod(address: string, ...args: string[]): Promise<string> {
        return this.exec("bash", "-c", IN_POD, address, ...args);
    }

    /** Files in a folder, in the order in which a container runtime looks through them. */
    async files(folder: string): Promise<string[]> {
        return (await this.exec("ls", folder)).split("\n").filter(Boolean).sort();
    }

    /** Bytes that its container may use; 0 is no limit. */
    async memoryLimit(): Promise<number> {
        return Number(await docker("inspect", "--format", "{{.HostConfig.Memory}}", this.name));
    }

    async restart(): Promise<void> {
        await docker("restart", this.name);
    }
}

async function docker(...args: string[]): Promise<string> {
    return (await run("docker", args, { timeout: TIME })).stdout;
}
