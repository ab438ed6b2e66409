import assert from "node:assert/strict";
import { until } from "../e2e/world.ts";
import { Cluster } from "./cluster.ts";
import { full } from "./full.ts";
import { clusterOf, greenCells } from "./matrix.ts";
import { ownStack } from "./ownStack.ts";
import { scenarioOf } from "./scenario.ts";

const mixed = scenarioOf("mixed");
const names = Object.keys(mixed.clusters);

/** A network on which the plan says each address; its range is for measuring network devices, nobody's at home. */
const FIXED = "fixed";
const fixed = { type: "macvlan", cidr: "198.18.0.0/16", ipam: "static" };

full("two clusters with a network of every type", function () {
    this.timeout("15m");
    const stack = ownStack("cni-mixed");
    const clusters = names.map((name) => new Cluster(stack, name));

    const typed = (type: string) =>
        Object.entries(mixed.networks).find(([, network]) => network.type === type)![0];

    /** The cells of a network between two clusters. */
    async function cellsAcross(network: string) {
        const cells = (await greenCells(stack)).filter((cell) => cell.network === network);
        return cells.filter(({ from, to }) => clusterOf(from) !== clusterOf(to));
    }

    it("come up green: kindnet in one, Calico and Cilium in the other, the rest across both", async () => {
        const primaries = Object.values(mixed.clusters).map(({ primary = "kindnet" }) => primary);
        assert.deepEqual(primaries.sort(), ["calico", "kindnet"]);
        stack.configure(mixed);
        await stack.up();
        const any = ["icmp", "tcp", "bulk", "udp", "large"];
        const protocols = {
            ptp: [...any, "unreachable"],
            bridge: [...any, "unreachable"],
            macvlan: [...any, "multicast"],
            cilium: [], // an overlay ends with its cluster
        };
        for (const [type, expected] of Object.entries(protocols)) {
            const cells = await cellsAcross(typed(type));
            const found = new Set<string>(cells.map(({ protocol }) => protocol));
            assert.deepEqual(found, new Set(expected), type);
        }
    });

    it("have the plugins for them on every node", async () => {
        for (const node of (await Promise.all(clusters.map((one) => one.nodes()))).flat()) {
            const plugins = await node.files("/opt/cni/bin");
            for (const plugin of ["ptp", "macvlan", "bridge", "host-local"]) {
                assert.ok(plugins.includes(plugin), `${plugin} on ${node.name}`);
            }
        }
    });

    it("get a plugin back that was removed by hand", async () => {
        const [node] = await clusters[0]!.nodes();
        await node!.exec("rm", "/opt/cni/bin/macvlan");
        await until(30, async () => {
            const plugins = await node!.files("/opt/cni/bin");
            return plugins.includes("macvlan") || `${node!.name} has ${plugins.join(", ")}`;
        });
    });

    it("change nothing the second time", () => stack.up("--expect-no-changes"));

    it("get multicast from each other: members all of it, others nothing", async () => {
        const cells = await cellsAcross(typed("macvlan"));
        const multicast = cells.filter(({ protocol }) => protocol === "multicast");
        assert.deepEqual(new Set(multicast.map(({ seen }) => seen)), new Set(["5/5", "0/5"]));
        for (const { seen, expected, from, to } of multicast) {
            assert.equal(seen, expected, `${from} -> ${to}`);
        }
    });

    it("give pods the very addresses that are planned, on one more network", async () => {
        stack.configure({ ...mixed, networks: { ...mixed.networks, [FIXED]: fixed } });
        await stack.up();
        assert.notDeepEqual(await cellsAcross(FIXED), []);
        const choice = ["--namespace", "default", "--selector", "app.kubernetes.io/name=demo"];
        const pods = (await Promise.all(clusters.map((one) => one.pods(...choice)))).flat();
        const planned = pods.flatMap(({ name, annotations, addresses }) => {
            const asked = JSON.parse(annotations["k8s.v1.cni.cncf.io/networks"]!) as {
                name: string;
                ips?: string[];
            }[];
            const ips = asked.find((one) => one.name === FIXED)?.ips ?? [];
            const [address = ""] = ips.map((ip) => ip.split("/")[0]!);
            assert.ok(Object.values(addresses).includes(address), `${name} has no "${address}"`);
            return address;
        });
        assert.ok(planned.length > 1);
        assert.equal(new Set(planned).size, planned.length, "each only once in all clusters");
        await stack.up("--expect-no-changes");
    });
});
