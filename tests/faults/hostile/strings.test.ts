import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { kindConfig } from "../../../plan/kindConfig.ts";
import { planTopology } from "../../../plan/planTopology.ts";
import { formatProblems } from "../../../plan/problem.ts";
import { validateConfig } from "../../../plan/config/validate.ts";
import { world } from "../../e2e/world.ts";
import type { Config } from "../converged.ts";
import { faultStack } from "../faultStack.ts";
import { faultClass } from "../ledger.ts";
import { stringKeys, type Way } from "./keys.ts";
import { hostileStrings } from "./strings.ts";

/** Milliseconds for a configuration to be accepted or refused. */
const JUDGED = 1000;

const owner = { project: "multinet", stack: "dev" };

/** Two clusters, and a network of each type where the way goes through it. */
function sound(way: Way): Config {
    const [section, name] = way;
    const type = String(name).slice("net-".length);
    const clusters = { edge1: {}, edge2: {} };
    if (section !== "networks") {
        return { clusters };
    }
    return { clusters, networks: { [String(name)]: { type, cidr: "10.16.0.0/12" } } };
}

/** The same with a value at the end of a way. */
function withValue(config: Config, way: Way, value: unknown): Config {
    const result = structuredClone(config);
    let place = result as Record<string | number, unknown>;
    for (const [index, step] of way.slice(0, -1).entries()) {
        const next = typeof way[index + 1] === "number" ? [] : {};
        const there = Object.hasOwn(place, step) ? place[step] : undefined;
        const deeper = (there ?? next) as Record<string | number, unknown>;
        Object.defineProperty(place, step, { value: deeper, enumerable: true, writable: true });
        place = deeper;
    }
    const last = way.at(-1)!;
    Object.defineProperty(place, last, { value, enumerable: true, writable: true });
    return result;
}

/** Whether the configuration is refused or accepted; throws if it does harm on the way. */
function judge(config: Config): string {
    const begin = performance.now();
    const result = validateConfig(config, owner);
    if ("problems" in result) {
        const text = formatProblems(result.problems);
        // A terminal would act on them.
        assert.doesNotMatch(text, /[\0-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]/, "no control");
        assert.ok(text.length < 20_000, `the refusal has ${text.length} characters`);
    } else {
        const plan = planTopology(result.topology, owner);
        for (const cluster of plan.clusters) {
            const { networking } = parse(kindConfig(cluster)) as { networking: object };
            assert.deepEqual(
                { ...networking, disableDefaultCNI: undefined, kubeProxyMode: undefined },
                {
                    podSubnet: cluster.podSubnet,
                    serviceSubnet: cluster.serviceSubnet,
                    disableDefaultCNI: undefined,
                    kubeProxyMode: undefined,
                },
            );
            for (const { name } of cluster.nodes) {
                assert.match(name, /^[a-z0-9-]{1,63}$/);
            }
        }
        for (const { name } of plan.networks) {
            assert.match(name, /^[a-z0-9-]{1,42}$/);
        }
    }
    const took = performance.now() - begin;
    assert.ok(took < JUDGED, `it took ${Math.round(took)} ms`);
    return "problems" in result ? "refused" : "accepted";
}

const folder = mkdtempSync(join(tmpdir(), "multinet-hostile-"));
const mark = join(folder, "mark");
const strings = hostileStrings(mark);
const ways: Way[] = stringKeys();

faultClass(
    {
        name: "hostile-strings",
        title: `${strings.length} hostile strings at each of ${ways.length} keys that take a text, and as each name`,
        least: 40 * ways.length,
    },
    (ledger) => {
        const stack = faultStack("f-hostile");
        after(() => rmSync(folder, { recursive: true }));

        function one(what: string, text: string, config: Config): void {
            const fault = `${what} = ${JSON.stringify(text).slice(0, 40)}`;
            if (!ledger.wants(fault)) {
                return;
            }
            try {
                ledger.note(fault, true, judge(config));
            } catch (error) {
                ledger.note(fault, false, (error as Error).message);
            }
        }

        it("at every key", () => {
            for (const way of ways) {
                for (const text of strings) {
                    one(way.join("."), text, withValue(sound(way), way, text));
                }
            }
        });

        it("as names of clusters and networks", () => {
            for (const text of strings) {
                one("a cluster", text, withValue({}, ["clusters", text], {}));
                const clusters = { edge1: {} };
                const way = ["networks", text];
                one("a network", text, withValue({ clusters }, way, { type: "ptp" }));
                one("a section", text, withValue({ clusters }, [text], {}));
            }
        });

        it("in real previews, which start nothing and run nothing", async () => {
            const shell = strings.filter((text) => text.includes(mark) && !text.includes("\n"));
            const before = await world(stack.kubeconfigs);
            for (const text of shell) {
                await ledger.run(`a preview with ${text.replace(mark, "mark")}`, async () => {
                    let config: Config = { clusters: { edge1: {} } };
                    for (const way of ways.filter(([section]) => section !== "networks")) {
                        config = withValue(config, way, text);
                    }
                    stack.configure(config);
                    const { code, output } = await stack.pulumi(["preview"]);
                    assert.notEqual(code, 0, "it is refused");
                    assert.match(output, /Nothing was changed/);
                    assert.ok(!existsSync(mark), "nothing was run");
                });
            }
            assert.deepEqual(await world(stack.kubeconfigs), before);
        });
    },
);
