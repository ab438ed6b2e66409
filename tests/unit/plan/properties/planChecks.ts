import assert from "node:assert/strict";
import ipaddr from "ipaddr.js";
import { cidrOf as parseRange, overlaps, type Cidr } from "../../../../plan/cidr.ts";
import type { NodePlan, Plan } from "../../../../plan/plan.ts";

/** Reads a range once; these tests look at the same few over and over. */
const known = new Map<string, Cidr>();
function cidrOf(text: string): Cidr {
    return known.get(text) ?? known.set(text, parseRange(text)).get(text)!;
}

function assertDisjoint(ranges: string[]): void {
    const sorted = ranges.map(cidrOf).sort((a, b) => a.first - b.first);
    for (const [i, range] of sorted.slice(1).entries()) {
        assert.ok(!overlaps(sorted[i]!, range), ranges.join(" "));
    }
}

export function assertInside(address: string, range: string): void {
    const [first] = address.split("/");
    assert.ok(ipaddr.IPv4.parse(first!).match(ipaddr.IPv4.parseCIDR(range)), `${address} ${range}`);
}

/** No two ranges overlap, and every address is inside its own. */
export function checkAddresses({ bridge, networks, clusters }: Plan): void {
    assertDisjoint([
        bridge.subnet,
        ...networks.map(({ cidr }) => cidr),
        ...clusters.flatMap(({ podSubnet, serviceSubnet }) => [podSubnet, serviceSubnet]),
    ]);
    const attachments = clusters.flatMap(({ nodes }) => nodes.flatMap((node) => node.attachments));
    assertDisjoint(attachments.map(({ slice }) => slice));
    for (const { network, slice, gateway } of attachments) {
        assertInside(slice, networks.find(({ name }) => name === network)!.cidr);
        assertInside(gateway, slice);
    }
}

/** Every node has exactly one route to each slice of every other node, so every pair has a way and a way back. */
export function checkRoutes({ networks, clusters }: Plan): void {
    const routed = networks.filter(({ type }) => type === "ptp" || type === "bridge");
    const ways = routed.map(({ name: network, clusters: names }) =>
        clusters
            .filter(({ name }) => names.includes(name))
            .flatMap(({ nodes }) => nodes)
            .map((node) => ({ dst: sliceOf(node, network)!, via: node.name, network })),
    );
    for (const node of clusters.flatMap(({ nodes }) => nodes)) {
        const own = ways.filter((ways) => ways.some(({ via }) => via === node.name)).flat();
        const isOwn = ({ via }: { via: string }) => via === node.name;
        assert.deepEqual(
            node.unreachable,
            own.filter(isOwn).map(({ dst }) => dst),
        );
        assert.deepEqual(
            node.routes,
            own.filter((way) => !isOwn(way)),
        );
        const firsts = node.routes.map(({ dst }) => cidrOf(dst).first);
        assert.deepEqual(
            firsts,
            firsts.toSorted((a, b) => a - b),
        );
    }
}

function sliceOf(node: NodePlan, network: string): string | undefined {
    return node.attachments.find((each) => each.network === network)?.slice;
}

/** A cluster has the interfaces, slices and demo attachments of exactly the networks that it joins. */
export function checkJoining({ networks, clusters }: Plan): void {
    const addresses: string[] = [];
    for (const cluster of clusters) {
        const joined = networks.filter(({ clusters }) => clusters.includes(cluster.name));
        const names = joined.map(({ name }) => name);
        assert.deepEqual(
            cluster.networks,
            names.map((network, i) => ({ network, interface: `net${i + 1}` })),
        );
        const sliced = joined.filter(({ type }) => type !== "cilium").map(({ name }) => name);
        for (const { attachments } of cluster.nodes) {
            assert.deepEqual(
                attachments.map(({ network }) => network),
                sliced,
            );
        }
        for (const { name, node: on, attachments, member } of cluster.demos) {
            const node = cluster.nodes.find((node) => node.name === on)!;
            const expected = name.startsWith("plain") ? [] : names;
            assert.deepEqual(
                attachments.map(({ network, slice }) => [network, slice]),
                expected.map((network) => [network, sliceOf(node, network)]),
            );
            for (const { slice, address } of attachments) {
                if (address === undefined) {
                    continue;
                }
                assertInside(address, slice!);
                addresses.push(address);
            }
            assert.equal(
                member,
                attachments.some(({ groups }) => groups !== undefined),
            );
        }
        assert.equal(cluster.settings !== undefined, cluster.primary !== "kindnet");
    }
    assert.equal(new Set(addresses).size, addresses.length);
    const devices = networks.flatMap((each) => ("device" in each ? String(each.device) : []));
    assert.ok(devices.every(({ length }) => length <= 15));
    assert.equal(new Set(devices).size, devices.length);
}

/** Names are unique, and short enough for a host name. */
export function checkNames({ bridge, clusters }: Plan): void {
    const nodes = clusters.flatMap(({ nodes }) => nodes.map(({ name }) => name));
    const kinds = clusters.map(({ kindName }) => kindName);
    assert.equal(new Set(nodes).size, nodes.length);
    assert.equal(new Set(kinds).size, kinds.length);
    for (const name of [...nodes, ...kinds, bridge.name]) {
        assert.match(name, /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
    }
}
