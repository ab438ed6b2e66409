import { relative } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { Testbed } from "../components/testbed.ts";
import { topologyDiagram } from "../plan/diagram.ts";
import { typeOf } from "../plan/networks/types.ts";
import type { ClusterPlan, Plan } from "../plan/plan.ts";
import { primaryOf } from "../plan/primaries/types.ts";

/** What a stack shows at its end, and what `npm run verify` and `npm run shell` read. */
export function outputs(testbed: Testbed, plan: Plan) {
    return {
        /** Per cluster: its kubeconfig file, and each node with its address, slices, and what Cilium gave it. */
        clusters: Object.fromEntries(
            testbed.clusters.map((cluster) => [
                cluster.plan.name,
                {
                    kubeconfig: cluster.kubeconfigPath.apply(fromHere),
                    nodes: cluster.plan.nodes.map((node) => ({
                        name: node.name,
                        address: cluster.nodeAddresses.apply((addresses) => addresses[node.name]),
                        slices: Object.fromEntries(
                            node.attachments.map(({ network, slice }) => [network, slice]),
                        ),
                        ...(givesRanges(cluster.plan, plan) && {
                            cilium: testbed.nodeRanges.apply((ranges) => ranges[node.name]),
                        }),
                    })),
                },
            ]),
        ),
        /** By network: how many cells are green. `npm run verify` measures and shows each. */
        matrix: testbed.reachability.matrix,
        /** The matrix in one line. */
        reachability: testbed.reachability.summary,
        /** The picture, as Mermaid text. */
        topology: testbed.nodeRanges.apply((ranges) => topologyDiagram(plan, ranges)),
        /** Commands to type next. */
        next: nextCommands(testbed),
    };
}

/** Whether something in the cluster gives its nodes ranges at run time. */
function givesRanges(cluster: ClusterPlan, plan: Plan): boolean {
    const joined = new Set(cluster.networks.map(({ network }) => network));
    return (
        primaryOf(cluster).givesRanges ||
        plan.networks.some(
            (network) => joined.has(network.name) && typeOf(network).division.isGiven,
        )
    );
}

function nextCommands(testbed: Testbed): pulumi.Output<string[]> {
    return pulumi
        .all(testbed.clusters.map(({ kubeconfigPath }) => kubeconfigPath))
        .apply((paths) => [
            ...paths.map((path) => `kubectl --kubeconfig ${fromHere(path)} get pods -o wide`),
            ...testbed.clusters.flatMap(({ plan }) =>
                plan.demos.slice(0, 1).map((demo) => `npm run shell ${plan.name} ${demo.name}`),
            ),
            "npm run verify",
        ]);
}

function fromHere(path: string): string {
    return relative(process.cwd(), path);
}
