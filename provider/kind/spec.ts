import { createHash } from "node:crypto";
import { parse, stringify } from "yaml";
import { canonical } from "../equal.ts";
import { patience, patient } from "../../plan/patience.ts";
import type { RuntimeName } from "../runtime/runtime.ts";
import type { Registries } from "./registries.ts";
import { LABELS } from "../../plan/labels.ts";

/** Inputs of a KindCluster; see KindClusterArgs in sdk.ts. */
export type KindInputs = {
    name: string;
    config: string;
    nodes: string[];
    network: string;
    image: string;
    memory: string;
    kubeconfigPath: string;
    owner: { project: string; stack: string };
    runtime: RuntimeName;
    cniPlugins?: string;
    archives?: string[];
    registries?: Registries;
    /** Id of the container engine; absent in a state of an older version. */
    engine?: string;
};

/** Outputs of a KindCluster: its inputs, and what only the living cluster can tell. */
export type KindOutputs = KindInputs & {
    kubeconfig: string;
    ca: string;
    nodeAddresses: Record<string, string>;
    /** Id of each node container by name; absent in a state of an older version. */
    containers?: Record<string, string>;
    endpoint: string;
};

/** A kind configuration as far as it matters here. */
export interface KindConfig {
    nodes?: { role?: string; labels?: Record<string, string>; extraMounts?: object[] }[];
    kubeadmConfigPatches?: string[];
    [key: string]: unknown;
}

/** Where the nodes see the CNI plugins of this machine. */
export const CNI_PLUGINS = "/opt/multinet/cni-plugins";

export function parseConfig(text: string): KindConfig {
    const parsed: unknown = parse(text);
    if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
        throw new Error("is not a YAML mapping");
    }
    return parsed as KindConfig;
}

/** Container names as kind gives them: one counter per role, the first without a number. */
export function nodeNames(cluster: string, config: KindConfig): string[] {
    const counts = new Map<string, number>();
    return (config.nodes ?? [{ role: "control-plane" }]).map(({ role = "control-plane" }) => {
        const count = (counts.get(role) ?? 0) + 1;
        counts.set(role, count);
        return `${cluster}-${role}${count === 1 ? "" : count}`;
    });
}

/**
 * Identifies all that cannot change in place: image, network, runtime and the configuration without its workers, which
 * come and go. 32 hexadecimal digits, fit for a label.
 */
export function specHash({ image, network, runtime, config }: KindInputs): string {
    const { nodes, ...rest } = parseConfig(config);
    const lasting = (nodes ?? []).filter(({ role }) => role !== "worker");
    const spec = canonical({ image, network, runtime, config: { ...rest, nodes: lasting } });
    return createHash("sha256").update(JSON.stringify(spec)).digest("hex").slice(0, 32);
}

/**
 * The configuration for kind, where each node is labelled with its owner and the specification it was made from, and
 * sees the CNI plugins of this machine.
 */
export function labelledConfig(inputs: KindInputs): string {
    const config = parseConfig(inputs.config);
    const labels = {
        [LABELS.project]: inputs.owner.project,
        [LABELS.stack]: inputs.owner.stack,
        [LABELS.spec]: specHash(inputs),
    };
    const nodes = (config.nodes ?? [{ role: "control-plane" }]).map((node) => ({
        ...node,
        labels: { ...node.labels, ...labels },
        ...mounts(node.extraMounts, inputs.cniPlugins),
    }));
    return stringify({ ...config, nodes, ...kubeadmPatches(config) });
}

/** kubeadm's own limit for a control plane to come up: 4 minutes, on a slow machine longer (plan/patience.ts). */
const KUBEADM_TIME = 240;

/** No part of the specification: who becomes more patient gets no other cluster. */
function kubeadmPatches({ kubeadmConfigPatches = [] }: KindConfig): Partial<KindConfig> {
    if (patience() === 1) {
        return {};
    }
    const patch = {
        kind: "ClusterConfiguration",
        apiVersion: "kubeadm.k8s.io/v1beta3",
        apiServer: { timeoutForControlPlane: `${Math.round(patient(KUBEADM_TIME))}s` },
    };
    return { kubeadmConfigPatches: [...kubeadmConfigPatches, stringify(patch)] };
}

function mounts(others: object[] = [], hostPath?: string): { extraMounts?: object[] } {
    if (hostPath === undefined) {
        return {};
    }
    return { extraMounts: [...others, { hostPath, containerPath: CNI_PLUGINS, readOnly: true }] };
}

const UNITS: Record<string, number> = {
    "": 1,
    k: 1e3,
    M: 1e6,
    G: 1e9,
    Ki: 2 ** 10,
    Mi: 2 ** 20,
    Gi: 2 ** 30,
};

/** Whether a container's limit is that size. The kernel cuts a limit to whole pages, of up to 64 KiB. */
export function isLimit(bytes: number, size: string): boolean {
    const [is, wanted] = [bytes, parseBytes(size) ?? 0].map((one) => Math.floor(one / 2 ** 16));
    return is === wanted;
}

/** Bytes of a size like `4GiB`, `512Mi` or `2000000000`; undefined if it is not one. */
export function parseBytes(size: string): number | undefined {
    const [, amount, unit = ""] = /^(\d+(?:\.\d+)?)\s*([kMG]i?|Ki)?B?$/.exec(size.trim()) ?? [];
    const factor = UNITS[unit];
    return amount === undefined || factor === undefined
        ? undefined
        : Math.round(Number(amount) * factor);
}
