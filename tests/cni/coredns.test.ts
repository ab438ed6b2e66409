import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { until } from "../e2e/world.ts";
import { Cluster } from "./cluster.ts";
import { dnsAnswers, startDnsWatch } from "./dnsWatch.ts";
import { full } from "./full.ts";
import { kubeDns, kubeDnsIsReady } from "./kubeDns.ts";
import { greenCells } from "./matrix.ts";
import { ownStack } from "./ownStack.ts";
import type { Pod } from "./pod.ts";
import { CLUSTER, NETWORK, scenario } from "./scenario.ts";

/** Seconds: one window of five minutes in which Cilium's operator spares a pod that it has deleted, and one more. */
const WATCH = 370;

/** What Cilium's operator says when it deletes a pod of kube-dns. */
const DELETES = /Restarting unmanaged pod/;

const OPERATOR = ["--namespace", "kube-system", "--selector", "io.cilium/app=operator"];
const AGENTS = ["--namespace", "kube-system", "--selector", "k8s-app=cilium"];

/** Another network is always there, so that Cilium's can come and go. */
const others = { "data-plane": { type: "ptp" } };
const without = { ...scenario, networks: others };
const withCilium = (keys: object = {}) => ({
    ...scenario,
    networks: { ...others, [NETWORK]: { ...scenario.networks[NETWORK], ...keys } },
});

full("Cilium added to a cluster and taken away", function () {
    this.timeout("15m");
    const stack = ownStack("cni-coredns");
    const cluster = new Cluster(stack, CLUSTER);
    let dns: Awaited<ReturnType<typeof kubeDns>>;

    /** The uid of each pod that is none of Cilium's, has no interface from it, and does not depend on the networks. */
    async function bystanders(): Promise<Record<string, string>> {
        const pods = (await cluster.pods()).filter(({ name, labels }) => {
            const app = labels["app.kubernetes.io/name"];
            const joins = app === "demo" && !labels["multinet.dev/demo"]!.startsWith("plain");
            return !joins && app !== "node-routes" && !name.startsWith("cilium");
        });
        return Object.fromEntries(pods.map(({ name, uid }) => [name, uid]));
    }

    async function apply(config: Record<string, unknown>): Promise<void> {
        stack.configure(config);
        await stack.up();
        await greenCells(stack);
    }

    async function operatorLog(...options: string[]): Promise<string> {
        return cluster.kubectl("logs", ...OPERATOR, "--tail=-1", ...options);
    }

    function assertNew(now: Pod[], before: Pod[]): void {
        assert.ok(now.length > 0);
        const old = new Set(before.map(({ uid }) => uid));
        const kept = now.filter(({ uid, terminating }) => old.has(uid) && !terminating);
        assert.deepEqual(kept, []);
    }

    it("comes up without it", async () => {
        await apply(without);
        assert.deepEqual(await cluster.pods(...AGENTS), []);
    });

    it("leaves kube-dns alone for more than six minutes", async () => {
        await cluster.rolledOut("deploy/coredns");
        dns = await kubeDns(cluster);
        assert.ok(dns.length > 0);
        const pods = await bystanders();
        await startDnsWatch(cluster, (await cluster.demo("plain1")).image);
        await apply(withCilium());
        await cluster.rolledOut("ds/cilium");
        await cluster.rolledOut("deploy/cilium-operator");
        const end = Date.now() + WATCH * 1000;
        while (Date.now() < end) {
            assert.deepEqual(await kubeDns(cluster), dns);
            await setTimeout(5000);
        }
        const { answered, lost } = await dnsAnswers(cluster);
        assert.deepEqual(lost, []);
        assert.ok(answered > WATCH * 0.95, `${answered} answers`);
        assert.doesNotMatch(await operatorLog(), DELETES);
        const { "dns-watch": watch, ...now } = await bystanders();
        assert.ok(watch);
        assert.deepEqual(now, pods);
        for (const node of await cluster.nodes()) {
            const files = await node.files("/etc/cni/net.d");
            assert.equal(files[0], "00-multus.conf", node.name);
            assert.ok(!files.some((file) => /cilium/.test(file)), files.join(" "));
        }
    });

    it("turns the check red where the operator restarts unmanaged pods; the next update names that and heals it", async () => {
        const known = new Set((await kubeDns(cluster)).map(({ uid }) => uid));
        // What `operator.unmanagedPodWatcher.restart: true` makes of the release.
        const interval = JSON.stringify({ data: { "unmanaged-pod-watcher-interval": "15" } });
        const patch = ["patch", "--namespace", "kube-system"];
        await cluster.kubectl(...patch, "configmap", "cilium-config", "--patch", interval);
        const { rules } = await cluster.get<{ rules: { resources: string[]; verbs: string[] }[] }>(
            "clusterrole",
            "cilium-operator",
        );
        const index = rules.findIndex(({ resources }) => resources.includes("pods"));
        const right = [{ op: "add", path: `/rules/${index}/verbs/-`, value: "delete" }];
        const role = ["clusterrole", "cilium-operator", "--type=json"];
        await cluster.kubectl("patch", ...role, "--patch", JSON.stringify(right));
        await cluster.kubectl("delete", "pod", ...OPERATOR);
        await cluster.rolledOut("deploy/cilium-operator");

        await until(120, async () => {
            const pods = await kubeDns(cluster);
            return pods.some(({ uid }) => !known.has(uid)) || "no pod of kube-dns was replaced";
        });
        assert.match(await operatorLog(), DELETES);

        const named = (await stack.preview()).flatMap(({ diff }) => diff).join("\n");
        assert.match(named, /ConfigMap kube-system\/cilium-config/);
        assert.match(named, /ClusterRole cilium-operator/);
        await stack.up();
        await cluster.rolledOut("deploy/cilium-operator");
        await until(180, () => kubeDnsIsReady(cluster, dns.length));
        dns = await kubeDns(cluster);
        const end = Date.now() + 60_000;
        while (Date.now() < end) {
            assert.deepEqual(await kubeDns(cluster), dns);
            await setTimeout(2000);
        }
        assert.doesNotMatch(await operatorLog("--since=60s"), DELETES);
        await greenCells(stack);
        await stack.up("--expect-no-changes");
    });

    it("brings a changed value of the chart to agents and operator", async () => {
        const [agents, operator] = [await cluster.pods(...AGENTS), await cluster.pods(...OPERATOR)];
        await apply(withCilium({ values: { debug: { enabled: true } } }));
        await cluster.rolledOut("ds/cilium");
        await cluster.rolledOut("deploy/cilium-operator");
        assertNew(await cluster.pods(...AGENTS), agents);
        assertNew(await cluster.pods(...OPERATOR), operator);
        const { data } = await cluster.get<{ data: Record<string, string> }>(
            ...["configmap", "cilium-config", "--namespace", "kube-system"],
        );
        assert.equal(data["debug"], "true");
    });

    it("leaves all other pods alone when it is taken away", async () => {
        const pods = await bystanders();
        await apply(without);
        assert.deepEqual(await bystanders(), pods);
        await until(60, async () => {
            const left = [...(await cluster.pods(...AGENTS)), ...(await cluster.pods(...OPERATOR))];
            return left.length === 0 || `still there: ${left.map(({ name }) => name).join(" ")}`;
        });
        const definitions = await cluster.kubectl("get", "net-attach-def", "--output", "name");
        assert.doesNotMatch(definitions, new RegExp(`/${NETWORK}$`, "m"));
        for (const node of await cluster.nodes()) {
            const files = await node.files("/etc/cni/multus/net.d");
            assert.ok(!files.some((file) => file.includes(NETWORK)), files.join(" "));
        }
        await stack.up("--expect-no-changes");
    });

    it("works when it is added again", async () => {
        const pods = await bystanders();
        await apply(withCilium());
        assert.deepEqual(await bystanders(), pods);
        assert.deepEqual(await kubeDns(cluster), dns);
        await stack.up("--expect-no-changes");
    });
});
