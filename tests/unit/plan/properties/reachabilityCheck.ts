import assert from "node:assert/strict";
import type { DemoPlan, Plan, PodRef } from "../../../../plan/plan.ts";
import { MOST_PAIRS } from "../../../../plan/pairs.ts";
import { assertInside } from "./planChecks.ts";

/** Every pair that shares a network is asked, or enough of them; free addresses and groups where there are any. */
export function checkReachability({ networks, clusters, reachability }: Plan): void {
    const { pairs, free, multicast } = reachability;
    const clusterOf = new Map(clusters.map((cluster) => [cluster.name, cluster]));
    const find = ({ cluster, demo }: PodRef) =>
        clusterOf.get(cluster)!.demos.find(({ name }) => name === demo)!;
    const isOn = (network: string) => (demo: DemoPlan) =>
        demo.attachments.some((each) => each.network === network);
    const square = (pods: number) => pods * (pods - 1);
    const alone = ({ attachments }: DemoPlan) => attachments.length === 0;
    const domains = [
        ...networks.flatMap(({ name, type }) => {
            const pods = clusters.map(({ demos }) => demos.filter(isOn(name)));
            return (type === "cilium" ? pods : [pods.flat()]).map((pods) => ({ name, pods }));
        }),
        ...clusters
            .filter(({ demos }) => demos.some(alone))
            .map(({ demos: pods }) => ({ name: "primary", pods })),
    ];
    const sizeOf = ({ name, pods }: (typeof domains)[0]) =>
        square(pods.length) -
        (name === "primary" ? square(pods.filter((pod) => !alone(pod)).length) : 0);
    const total = domains.reduce((sum, domain) => sum + sizeOf(domain), 0);
    assert.ok(pairs.length > 0);
    if (total <= MOST_PAIRS) {
        assert.equal(pairs.length, total);
    } else if (pairs.length < total) {
        assert.match(reachability.scope, / pairs, covering every pod, every ordered pair of nodes/);
    }
    for (const name of new Set(domains.map(({ name }) => name))) {
        const asked = pairs.filter(({ network }) => network === name);
        const nodePairs = asked.map(({ from, to }) => `${find(from).node} ${find(to).node}`);
        for (const { pods } of domains.filter((domain) => domain.name === name)) {
            checkCovered(pods, new Set(nodePairs), name === "primary" ? alone : undefined);
        }
    }
    for (const { name, type } of networks) {
        const sent = multicast.filter(({ network }) => network === name);
        const asked = pairs.filter(({ network }) => network === name);
        assert.equal(sent.length, type === "macvlan" ? asked.length : 0);
        const sum = clusters.flatMap(({ demos }) => demos.filter(isOn(name))).length;
        if (sum > 2 && type === "macvlan") {
            assert.deepEqual(new Set(sent.map(({ member }) => member)), new Set([true, false]));
        }
        for (const { to, member, group } of sent) {
            const { groups } = find(to).attachments.find(({ network }) => network === name)!;
            assert.deepEqual(groups, member ? [group] : undefined);
        }
    }
    const known = new Set(reachability.networks.map(({ name }) => name));
    assert.ok(pairs.every(({ network }) => known.has(network)));

    for (const { from, cluster, node, network, address } of free) {
        const owner = clusterOf.get(cluster)!.nodes.find(({ name }) => name === node)!;
        const { slice, gateway } = owner.attachments.find((each) => each.network === network)!;
        assertInside(address, slice);
        assert.notEqual(address, gateway);
        const pod = find(from);
        assert.ok(isOn(network)(pod));
        assert.notEqual(pod.node, node);
        const { type, clusters } = networks.find(({ name }) => name === network)!;
        assert.ok(type === "ptp" || type === "bridge");
        assert.ok(clusters.length === 1 || cluster !== from.cluster);
    }
    for (const { name, type, clusters: names } of networks) {
        if (names.length === 1 || (type !== "ptp" && type !== "bridge")) {
            continue;
        }
        const pods = names.flatMap((name) => clusterOf.get(name)!.demos).filter(isOn(name));
        assert.equal(free.filter(({ network }) => network === name).length, pods.length);
    }
}

/** Every ordered pair of nodes whose pods share a network is there; of those that interest, if not all do. */
function checkCovered(pods: DemoPlan[], nodePairs: Set<string>, of?: (pod: DemoPlan) => boolean) {
    for (const from of new Set(pods.map(({ node }) => node))) {
        for (const { node: to } of pods.filter(({ node }) => node !== from)) {
            const some = pods.filter(({ node }) => node === from || node === to);
            if (of && !some.some(of)) {
                continue;
            }
            assert.ok(nodePairs.has(`${from} ${to}`), `${from} ${to}`);
        }
    }
}
