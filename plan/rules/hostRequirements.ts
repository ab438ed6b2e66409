import { isMap } from "../config/explain.ts";
import type { HelmValues, Plan } from "../plan.ts";
import { problem, type Path, type Problem } from "../problem.ts";

/** What a network may need of the machine's kernel and not every kernel has. */
export type KernelFeature = "ipip" | "wireguard";

/** By which options a kernel has them, built in or as modules. */
const OPTIONS: Record<KernelFeature, string> = {
    ipip: "CONFIG_NET_IPIP",
    wireguard: "CONFIG_WIREGUARD",
};

/** The features that a kernel lacks which was built with this configuration. */
export function lackingFeatures(kernelConfig: string): KernelFeature[] {
    const options = new Set(kernelConfig.split("\n"));
    return (["ipip", "wireguard"] as const).filter(
        (feature) => !["y", "m"].some((value) => options.has(`${OPTIONS[feature]}=${value}`)),
    );
}

interface Need {
    feature: KernelFeature;
    path: Path;
    value: unknown;
    fix: string;
}

/** One problem for each key that asks for what the kernel of this machine is known to lack. */
export function kernelProblems(plan: Plan, lacking: readonly KernelFeature[]): Problem[] {
    return needs(plan)
        .filter(({ feature }) => lacking.includes(feature))
        .map(({ feature, path, value, fix }) =>
            problem(path, value, {
                reason: `The kernel of this machine is built without it (${OPTIONS[feature]}).`,
                fix: `${fix}, or take a machine whose kernel has it.`,
            }),
        );
}

function needs({ clusters, networks }: Plan): Need[] {
    return [
        ...clusters.flatMap(({ name, calico, cilium }) => {
            const path = ["clusters", name];
            const needs = encryption([...path, "cilium", "values"], cilium?.values);
            if (calico?.encapsulation === "IPIP") {
                const fix = "Write encapsulation: VXLAN or None";
                const at = [...path, "calico", "encapsulation"];
                needs.push({ feature: "ipip", path: at, value: "IPIP", fix });
            }
            if (calico?.wireguard) {
                const at = [...path, "calico", "wireguard"];
                needs.push({ feature: "wireguard", path: at, value: true, fix: "Remove it" });
            }
            return needs;
        }),
        ...networks.flatMap((network) =>
            network.type === "cilium"
                ? encryption(["networks", network.name, "values"], network.values)
                : [],
        ),
    ];
}

/** Cilium's own WireGuard is not ours to decide, so it stands in the values. */
function encryption(path: Path, values: HelmValues = {}): Need[] {
    const { encryption: value } = values;
    if (!isMap(value) || value.enabled !== true || value.type !== "wireguard") {
        return [];
    }
    return [{ feature: "wireguard", path: [...path, "encryption"], value, fix: "Remove it" }];
}

/** One problem for each network whose CNI plugin the nodes cannot have: kind's own node image has only ptp. */
export function pluginProblems(plan: Plan, hasPlugins: boolean): Problem[] {
    if (hasPlugins) {
        return [];
    }
    return plan.networks
        .filter(({ type }) => type === "bridge" || type === "macvlan")
        .map(({ name, type }) =>
            problem(["networks", name, "type"], type, {
                reason: `The CNI plugin "${type}" is not available: kind's node image lacks it, and there is no folder .multinet/cni-plugins.`,
                fix: 'Run eval "$(npm run -s env)", which gets it, or name a node image that has it in /opt/cni/bin (images.node).',
            }),
        );
}

/** Problems of a stack whose images were made on this machine; `charts` are those that belong to them. */
export function madeImagesProblems(
    plan: Plan,
    charts: { calico?: string; cilium?: string } = {},
): Problem[] {
    const encapsulation = plan.clusters
        .filter(({ calico }) => calico && calico.encapsulation !== "VXLAN")
        .map(({ name, calico }) =>
            problem(["clusters", name, "calico", "encapsulation"], calico!.encapsulation, {
                reason: "It needs Calico's routing daemon (BIRD), which the images made on this machine do not have.",
                fix: "Write encapsulation: VXLAN.",
            }),
        );
    const missing = asksFor(plan)
        .filter(({ chart }) => charts[chart] === undefined)
        .map(({ path, value }) =>
            problem(path, value, {
                reason: "The images that this shell names were made for a stack without it.",
                fix: 'Select the stack and run eval "$(npm run -s env)" again, which makes what is missing.',
            }),
        );
    return [...encapsulation, ...missing];
}

/** The keys that ask for a CNI whose chart comes with its images. */
function asksFor(plan: Plan): { path: Path; value: string; chart: "calico" | "cilium" }[] {
    const primaries = plan.clusters.flatMap(({ name, primary }) =>
        primary === "kindnet"
            ? []
            : [{ path: ["clusters", name, "primary"], value: primary, chart: primary }],
    );
    const networks = plan.networks.flatMap(({ name, type }) =>
        type === "cilium" ? [{ path: ["networks", name, "type"], value: type, chart: type }] : [],
    );
    return [...primaries, ...networks];
}
