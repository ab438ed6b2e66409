import assert from "node:assert/strict";
import { ciliumRanges } from "./ciliumRanges.ts";
import type { Cluster } from "./cluster.ts";
import { DEMOS, PLAIN, POOL } from "./scenario.ts";

/** Calico's own: the same in every pod. */
const PRIMARY = ["169.254.1.1 dev eth0 scope link", "default via 169.254.1.1 dev eth0"];

/** Asserts that the routes of each demo pod of the scenario are the planned ones, no more and no less. */
export async function assertPlannedRoutes(cluster: Cluster): Promise<void> {
    const given = await ciliumRanges(cluster);
    for (const name of numbered("demo", DEMOS)) {
        const pod = await cluster.demo(name);
        const { router } = given.get(pod.node)!;
        const wanted = [
            ...PRIMARY,
            `${POOL} dev net1 proto 200 scope link mtu 1450`,
            `${router} dev net1 scope link`,
        ];
        assert.deepEqual(await routesOf(cluster, name), wanted.sort(), name);
    }
    for (const name of numbered("plain", PLAIN)) {
        assert.deepEqual(await routesOf(cluster, name), PRIMARY, name);
    }
}

async function routesOf(cluster: Cluster, demo: string): Promise<string[]> {
    const table = await cluster.exec(await cluster.demo(demo), 30, "ip", "-4", "route", "show");
    const lines = table
        .split("\n")
        .map((line) => line.trim().replace(/ +/g, " "))
        // An agent that starts writes its MTU on every default route it finds in a pod (Cilium's pkg/mtu); it is that
        // of Calico's device anyway.
        .map((line) => line.replace(/^(default .*) mtu 1450$/, "$1"));
    return lines.filter(Boolean).sort();
}

function numbered(name: string, count: number): string[] {
    return Array.from({ length: count }, (_, index) => `${name}${index + 1}`);
}
