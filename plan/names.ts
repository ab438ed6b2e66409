/** Whose things they are: the Pulumi project and stack. */
export interface Owner {
    project: string;
    stack: string;
}

/** Longest host name that Linux and Kubernetes take, in characters. */
const LONGEST_HOST_NAME = 63;

/** Longest logical name of a cluster, so that the stack's name keeps a recognisable part of a node's name. */
export const LONGEST_CLUSTER_NAME = 30;

/** Longest name of a network: its Helm release `attachment-<network>` may have 53 characters. */
export const LONGEST_NETWORK_NAME = 42;

/** What the clusters' own network is called in the matrix; no extra network has this name. */
export const PRIMARY = "primary";

/** The number at the end of a cluster's name, if there is one: 12 for `edge12`. */
export function trailingNumber(name: string): number | undefined {
    const digits = /\d+$/.exec(name)?.[0];
    return digits === undefined ? undefined : Number(digits);
}

/** Name of the docker network of a stack, at most 63 characters. */
export function bridgeName(owner: Owner): string {
    return stackName(owner, LONGEST_HOST_NAME);
}

/** Name under which kind knows the cluster: it leaves room for the longest suffix of a node. */
export function kindName(owner: Owner, cluster: string): string {
    const longest = LONGEST_HOST_NAME - "-control-plane".length - `-${cluster}`.length;
    return `${stackName(owner, longest)}-${cluster}`;
}

/** Name of a node's container and of the Kubernetes node, as kind makes it; ordinal 1 is the control plane. */
export function nodeName(kindName: string, ordinal: number): string {
    if (ordinal === 1) {
        return `${kindName}-control-plane`;
    }
    return `${kindName}-worker${ordinal === 2 ? "" : ordinal - 1}`;
}

/** Longest name of a network device that Linux takes, in characters. */
const LONGEST_DEVICE = 15;

/**
 * Name of a network's bridge on the nodes: `br-<network>`, or `br_` with a hash. No network's name has an underscore,
 * so the two kinds never meet.
 */
export function bridgeDevice(network: string): string {
    const plain = `br-${network}`;
    return plain.length <= LONGEST_DEVICE ? plain : `br_${network.slice(0, 3)}_${hex(network)}`;
}

/** Multicast group of a network: one of the 2^18 for use inside an organization, 239.192.0.0/14. */
export function multicastGroup(network: string): string {
    const n = hash(network) % 2 ** 18;
    return `239.${192 + Math.floor(n / 2 ** 16)}.${Math.floor(n / 256) % 256}.${n % 256}`;
}

/** `<project>-<stack>`; if that is too long or no host name, cleaned, cut and told apart by a hash at its end. */
function stackName({ project, stack }: Owner, longest: number): string {
    const plain = `${project}-${stack}`;
    const clean = plain
        .toLowerCase()
        .replace(/[^a-z0-9-]+/g, "-")
        .replace(/^-+|-+$/g, "");
    if (clean === plain && plain.length <= longest) {
        return plain;
    }
    const tail = hex(project, stack);
    const head = clean.slice(0, longest - tail.length - 1).replace(/-+$/, "");
    return head ? `${head}-${tail}` : tail;
}

/** A hash of some texts, in 8 letters and digits. */
function hex(...texts: string[]): string {
    return hash(...texts)
        .toString(16)
        .padStart(8, "0");
}

/** An unsigned 32-bit hash of some texts: FNV-1a, then mixed so that every bit depends on every letter. */
export function hash(...texts: string[]): number {
    let h = 0x811c9dc5;
    for (const letter of JSON.stringify(texts)) {
        h = Math.imul(h ^ letter.codePointAt(0)!, 0x01000193);
    }
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return (h ^ (h >>> 16)) >>> 0;
}
