import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { chooseStack } from "../../../../cli/state/stack.ts";
import { readFacts } from "../../../../cli/view/facts.ts";
import { healingsOf } from "../../../../cli/view/healings.ts";
import type { KubeApi } from "../../../../provider/kube/api.ts";
import { planOf } from "../../../golden/golden.ts";
import { temporaryDirectory } from "../../temporary.ts";

describe("facts of a stack", () => {
    const temporary = temporaryDirectory();
    const { signal } = new AbortController();
    const names = ["MULTINET_CACHE", "PULUMI_BACKEND_URL"];
    let before: (string | undefined)[];
    beforeEach(() => {
        before = names.map((name) => process.env[name]);
        process.env["MULTINET_CACHE"] = temporary("cache");
        process.env["PULUMI_BACKEND_URL"] = `file://${temporary()}`;
    });
    afterEach(() => {
        for (const [i, name] of names.entries()) {
            if (before[i] === undefined) {
                delete process.env[name];
            } else {
                process.env[name] = before[i];
            }
        }
    });

    function write(kind: string, name: string, content: object) {
        const folder = temporary(
            ".pulumi",
            kind,
            "multinet",
            ...(kind === "history" ? ["dev"] : []),
        );
        mkdirSync(folder, { recursive: true });
        writeFileSync(`${folder}/${name}`, JSON.stringify(content));
    }

    /** A state with the matrix of another stack's plan, whose kubeconfigs are not there. */
    function recordMatrix(stack: string) {
        const { reachability, clusters } = planOf(stack);
        const inputs = {
            ...reachability,
            namespace: "default",
            clusters: clusters.map(({ name }) => ({
                name,
                kubeconfigPath: temporary("none.yaml"),
                ca: "x",
                nodeAddresses: {},
            })),
        };
        const outputs = { red: [], summary: "", matrix: {}, digest: "" };
        const resources = [{ type: "multinet:index:ReachabilityMatrix", inputs, outputs }];
        write("stacks", "dev.json", { version: 3, checkpoint: { latest: { resources } } });
    }

    it("are its plan, where nothing is up", async () => {
        const facts = await readFacts(chooseStack({ stack: "dev" }), signal);
        assert.deepEqual(facts.plan, planOf("dev"));
        assert.deepEqual([facts.recorded, facts.live, facts.notes], [undefined, undefined, []]);
    });

    it("are what was recorded, with a note, where the clusters cannot be asked", async () => {
        recordMatrix("dev");
        const changes = { create: 3, same: 2 };
        const note = { kind: "update", result: "succeeded", startTime: 1, endTime: 9 };
        write("history", "dev-1700000000000000001.history.json", { ...note, endTime: 2 });
        write("history", "dev-1700000000000000002.history.json", {
            ...note,
            resourceChanges: changes,
        });
        const facts = await readFacts(chooseStack({ stack: "dev" }), signal);
        assert.deepEqual(facts.recorded?.matrix.pairs, planOf("dev").reachability.pairs);
        assert.equal(facts.live, undefined);
        assert.deepEqual(facts.update, { ...note, resourceChanges: changes });
        assert.equal(facts.notes.length, 3, facts.notes.join("\n"));
        assert.match(
            facts.notes.join("\n"),
            /clusters could not be asked.*none\.yaml is not the kubeconfig/,
        );
    });

    it("name what the last update did not bring", async () => {
        recordMatrix("cilium");
        const { notes } = await readFacts(chooseStack({ stack: "dev" }), signal);
        assert.match(
            notes[0]!,
            /did not bring all .*: cluster edge1, cluster edge2, network data-plane/,
        );
    });

    it("say so when the state is damaged, and show the plan", async () => {
        mkdirSync(temporary(".pulumi", "stacks", "multinet"), { recursive: true });
        writeFileSync(temporary(".pulumi", "stacks", "multinet", "dev.json"), '{"version": 3,');
        const { notes, recorded } = await readFacts(chooseStack({ stack: "dev" }), signal);
        assert.match(notes.join(), /The state could not be read: .*damaged.*npm run recover/);
        assert.equal(recorded, undefined);
    });

    it("cannot be had without a stack file", async () => {
        await assert.rejects(
            readFacts(chooseStack({ stack: "nowhere" }), signal),
            /There is no .*Pulumi\.nowhere\.yaml/,
        );
    });
});

describe("healings of a cluster", () => {
    it("are the Events of its node agents, the newest first", async () => {
        const event = (at: string, component: string) => ({
            message: `Put right on this node: ${at}`,
            lastTimestamp: at,
            metadata: {},
            involvedObject: { name: "n1" },
            source: { component },
        });
        const paths: string[] = [];
        const api = {
            get: async (path: string) => {
                paths.push(path);
                const items = [
                    event("2026-11-26T04:00:00Z", "node-routes"),
                    event("2026-11-26T05:00:00Z", "node-routes"),
                    event("2026-11-26T06:00:00Z", "kubelet"),
                ];
                return { items };
            },
        } as unknown as KubeApi;
        const found = await healingsOf(api, "edge1");
        assert.deepEqual(paths, [
            "/api/v1/namespaces/default/events?fieldSelector=source%3Dnode-routes",
        ]);
        assert.deepEqual(
            found.map(({ at, node, cluster }) => [at, node, cluster]),
            [
                ["2026-11-26T05:00:00Z", "n1", "edge1"],
                ["2026-11-26T04:00:00Z", "n1", "edge1"],
            ],
        );
    });
});
