import assert from "node:assert/strict";
import { until } from "../e2e/world.ts";
import { Cluster } from "./cluster.ts";
import { countersOf } from "./counters.ts";
import { full } from "./full.ts";
import { pair, removeByHand, writeDefinition } from "./userObjects.ts";
import { green, greenCells, verify } from "./matrix.ts";
import { ownStack } from "./ownStack.ts";
import { ping } from "./ping.ts";
import { assertPlannedRoutes } from "./routeTable.ts";
import { CLUSTER, NETWORK, POOL, scenario } from "./scenario.ts";
import { throughput } from "./throughput.ts";

/** Of the packets that a ping sends every 200 ms, so many may be lost while an agent puts new programs in place. */
const LOST_IN_ROLLOUT = 5;

full("pods with an interface from Cilium", function () {
    this.timeout("10m");
    const stack = ownStack("cni-paths");
    const cluster = new Cluster(stack, CLUSTER);

    it("reach each other right after their creation, by one definition for all nodes", async () => {
        stack.configure(scenario);
        await stack.up();
        await greenCells(stack);
        const definitions = await cluster.list<{
            metadata: { name: string };
            spec?: { config?: string };
        }>("net-attach-def", "--all-namespaces");
        assert.deepEqual(
            definitions.map(({ metadata, spec }) => [metadata.name, spec?.config ?? ""]),
            [[NETWORK, ""]],
        );
    });

    it("are seen by their peers with the address that they have on it", async () => {
        const cells = (await greenCells(stack)).filter(({ network }) => network === NETWORK);
        const asked = cells.filter(({ protocol }) => protocol === "tcp" || protocol === "udp");
        assert.ok(asked.length > 0);
        for (const { from, seen, protocol } of asked) {
            const pod = await cluster.demo(from.slice(from.indexOf("/") + 1));
            assert.equal(seen, pod.addresses["net1"], `${protocol} from ${from}`);
        }
    });

    it("send and get every packet by net1, none by eth0", async () => {
        const [from, to] = [await cluster.demo("demo1"), await cluster.demo("demo2")];
        const count = 40;
        // Something else may happen to use eth0 at the same time, but not every time.
        await until(60, async () => {
            const [a, b] = [await countersOf(cluster, from), await countersOf(cluster, to)];
            const options = ["-c", String(count), "-i", "0.1"];
            const { received } = await ping(cluster, from, to.addresses["net1"]!, { options });
            assert.equal(received, count);
            const [c, d] = [await countersOf(cluster, from), await countersOf(cluster, to)];
            for (const [device, least, most] of [
                ["net1", count, count + 4],
                ["eth0", 0, 0],
            ] as const) {
                const sent = c[device]!.sent - a[device]!.sent;
                const came = d[device]!.received - b[device]!.received;
                assert.ok(sent >= least && sent <= most, `${device} sent ${sent}`);
                assert.ok(came >= least && came <= most, `${device} of the peer got ${came}`);
            }
            return true;
        });
    });

    it("get through large packets and long transfers, at a fair part of the primary network's rate", async () => {
        const cells = (await greenCells(stack)).filter(({ network }) => network === NETWORK);
        for (const protocol of ["large", "bulk"]) {
            const found = cells.filter((cell) => cell.protocol === protocol);
            assert.ok(found.length > 0 && found.every(({ ok }) => ok), protocol);
        }
        const [from, to] = [await cluster.demo("demo1"), await cluster.demo("demo2")];
        const primary = await throughput(cluster, from, to, "eth0");
        const cilium = await throughput(cluster, from, to, "net1");
        assert.ok(
            cilium >= 0.3 * primary,
            `${cilium} bit/s, and ${primary} over the primary network`,
        );
    });

    it("reach each other while all agents are replaced, and afterwards", async () => {
        const [from, to] = [await cluster.demo("demo1"), await cluster.demo("demo2")];
        const options = ["-i", "0.2"];
        const pinging = ping(cluster, from, to.addresses["net1"]!, { options, seconds: 300 });
        const stop = ["pkill", "-INT", "-x", "ping"];
        try {
            await until(20, async () => {
                const pids = await cluster.exec(from, 30, "pgrep", "-x", "ping");
                return pids.trim() !== "" || "ping has not started";
            });
            await cluster.kubectl("rollout", "restart", "ds/cilium", "--namespace", "kube-system");
            await cluster.rolledOut("ds/cilium", 240);
        } finally {
            await cluster.exec(from, 30, ...stop);
        }
        const { sent, received } = await pinging;
        assert.ok(sent > 10, `${sent} sent`);
        assert.ok(sent - received <= LOST_IN_ROLLOUT, `${received} of ${sent} answered`);
        await greenCells(stack);
        await assertPlannedRoutes(cluster);
        await stack.up("--expect-no-changes");
    });

    it("reach each other after they were made anew", async () => {
        const uid = (await cluster.demo("demo1")).uid;
        await cluster.kubectl("delete", "pods", "--selector", "app.kubernetes.io/name=demo");
        await until(120, () => green(stack));
        assert.notEqual((await cluster.demo("demo1")).uid, uid);
        await assertPlannedRoutes(cluster);
    });

    it("reach nobody on another node where the definition lacks the plugin for the route", async () => {
        const { image } = await cluster.demo("plain1");
        const alone = `${NETWORK}-alone`;
        try {
            await writeDefinition(cluster, alone, [{ type: "cilium-cni" }]);
            for (const [network, reached] of [
                [NETWORK, true],
                [alone, false],
            ] as const) {
                const [from, to] = await pair(cluster, network, image);
                const address = to.addresses["net1"]!;
                const options = ["-c", "5", "-i", "0.2"];
                const echoes = await ping(cluster, from, address, { options });
                assert.deepEqual(echoes, { sent: 5, received: reached ? 5 : 0 }, network);
                assert.equal(await cluster.connects(from, address, 7000), reached, network);
                // Somebody listens there: by their primary network they reach each other.
                assert.ok(await cluster.connects(from, to.addresses["eth0"]!, 7000), network);
            }
        } finally {
            await removeByHand(cluster);
        }
    });

    it("turn the matrix red where one has lost its route, with a word on where to look; a new pod heals it", async () => {
        const pod = await cluster.demo("demo1");
        const node = (await cluster.nodes()).find(({ name }) => name === pod.node)!;
        await node.ipInPod(pod.addresses["eth0"]!, "route", "del", POOL, "dev", "net1");
        const begin = Date.now();
        const { code, cells, faults, output } = await verify(stack);
        assert.equal(code, 1, output);
        assert.ok(Date.now() - begin < 120_000, "every probe has a time limit");
        const red = cells.filter(({ ok }) => !ok);
        assert.ok(red.length > 0);
        for (const { network, from, to } of red) {
            assert.equal(network, NETWORK);
            assert.ok([from, to].includes(`${CLUSTER}/demo1`), `${from} -> ${to}`);
        }
        const hops = faults.filter(
            (line) => line.includes(pod.name) && line.includes("`ip route`"),
        );
        assert.ok(hops.length > 0, faults.join("\n"));
        const named = (await stack.preview()).flatMap(({ diff }) => diff).join("\n");
        assert.match(named, /\d+ of \d+ cells are red/);
        await cluster.kubectl("delete", "pod", pod.name);
        await until(120, () => green(stack));
    });

    it("reach each other after a node was restarted", async () => {
        const nodes = await cluster.nodes();
        await nodes.find(({ name }) => name.endsWith("-worker"))!.restart();
        await until(180, () => green(stack));
        await assertPlannedRoutes(cluster);
    });
});
