import type { ChartName } from "../images.ts";
import type { Need } from "../need.ts";
import { typeOf } from "../networks/types.ts";
import type { ClusterPlan, Plan } from "../plan.ts";
import { primaryOf } from "../primaries/types.ts";
import { problem, quoted, type Path, type Problem } from "../problem.ts";

/** Whether a kernel has an option, built in or as a module. */
export type HasOption = (option: Need["option"]) => boolean;

/** By the text of the configuration that a kernel was built with. */
export function optionsOf(kernelConfig: string): HasOption {
    const lines = new Set(kernelConfig.split("\n"));
    return (option) => ["y", "m"].some((value) => lines.has(`${option}=${value}`));
}

/** One problem for each key that asks for what the kernel of this machine is known to lack. */
export function kernelProblems(plan: Plan, has: HasOption): Problem[] {
    return needs(plan)
        .filter(({ option }) => !has(option))
        .map(({ option, path, value, fix }) =>
            problem(path, value, {
                reason: `The kernel of this machine is built without it (${option}).`,
                fix: `${fix}, or take a machine whose kernel has it.`,
            }),
        );
}

function needs({ clusters, networks }: Plan): Need[] {
    return [
        ...clusters.flatMap((cluster) => primaryOf(cluster).needs?.(...settings(cluster)) ?? []),
        ...networks.flatMap((network) => typeOf(network).needs?.(network) ?? []),
    ];
}

/** The settings of a cluster's own network, and where they stand. */
function settings({ name, primary, settings = {} }: ClusterPlan): [object, Path] {
    return [settings, ["clusters", name, primary]];
}

/** One problem for each network whose CNI plugins the nodes cannot have: kind's own node image has few. */
export function pluginProblems(plan: Plan, hasPlugins: boolean): Problem[] {
    if (hasPlugins) {
        return [];
    }
    return plan.networks.flatMap((network) => {
        const { name, type } = network;
        const plugins = typeOf(network).plugins(network);
        if (plugins.length === 0) {
            return [];
        }
        return problem(["networks", name, "type"], type, {
            reason: `The CNI plugin ${quoted(plugins)} is not available: kind's node image lacks it, and there is no folder .multinet/cni-plugins.`,
            fix: 'Run eval "$(npm run -s env)", which gets it, or name a node image that has it in /opt/cni/bin (images.node).',
        });
    });
}

/** Problems of a stack whose images were made on this machine; `charts` are those that belong to them. */
export function madeImagesProblems(
    plan: Plan,
    charts: Partial<Record<ChartName, string>> = {},
): Problem[] {
    const lacking = plan.clusters.flatMap(
        (cluster) => primaryOf(cluster).madeImagesProblems?.(...settings(cluster)) ?? [],
    );
    const missing = asksFor(plan)
        .filter(({ chart }) => charts[chart] === undefined)
        .map(({ path, value }) =>
            problem(path, value, {
                reason: "The images that this shell names were made for a stack without it.",
                fix: 'Select the stack and run eval "$(npm run -s env)" again, which makes what is missing.',
            }),
        );
    return [...lacking, ...missing];
}

/** The keys that ask for a CNI whose chart comes with its images. */
function asksFor(plan: Plan): { path: Path; value: string; chart: ChartName }[] {
    const primaries = plan.clusters.map((cluster) => ({
        path: ["clusters", cluster.name, "primary"],
        value: cluster.primary,
        installs: primaryOf(cluster).installs,
    }));
    const networks = plan.networks.map((network) => ({
        path: ["networks", network.name, "type"],
        value: network.type,
        installs: typeOf(network).installs,
    }));
    return [...primaries, ...networks].flatMap(({ path, value, installs }) =>
        installs ? { path, value, chart: installs.chart } : [],
    );
}
