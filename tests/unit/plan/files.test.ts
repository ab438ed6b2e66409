import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { generated } from "../../../cli/commands/docs.ts";
import { stackFileSchema } from "../../../plan/config/jsonSchema.ts";
import type { Plan } from "../../../plan/plan.ts";
import { planTopology } from "../../../plan/planTopology.ts";
import { formatProblems } from "../../../plan/problem.ts";
import { validateConfig } from "../../../plan/config/validate.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");

function planOf(stack: string): Plan {
    const { config } = parse(readFileSync(join(ROOT, `Pulumi.${stack}.yaml`), "utf8")) as {
        config: Record<string, unknown>;
    };
    const raw = Object.entries(config).map(([key, value]) => [key.replace("multinet:", ""), value]);
    const owner = { project: "multinet", stack };
    const result = validateConfig(Object.fromEntries(raw) as Record<string, unknown>, owner);
    if ("problems" in result) {
        assert.fail(formatProblems(result.problems));
    }
    return planTopology(result.topology, owner);
}

function cells({ reachability }: Plan): number {
    const { networks, pairs, free, multicast, unique } = reachability;
    const protocols = new Map(networks.map(({ name, protocols }) => [name, protocols.length]));
    return (
        pairs.reduce((sum, { network }) => sum + protocols.get(network)!, 0) +
        free.length +
        multicast.length +
        unique.length
    );
}

const CELLS = { dev: 64, cilium: 30, mixed: 218 };

describe("the stack files", () => {
    for (const [stack, expected] of Object.entries(CELLS)) {
        it(`of ${stack} is a valid configuration with ${expected} cells to prove`, () => {
            assert.equal(cells(planOf(stack)), expected);
        });
    }

    it("are all tested here", () => {
        const stacks = readdirSync(ROOT).flatMap(
            (name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1] ?? [],
        );
        assert.deepEqual(stacks.sort(), Object.keys(CELLS).sort());
    });
});

describe("Pulumi.yaml", () => {
    it("names the program: what package.json exports registers nothing, so that an update would delete all", () => {
        const { main } = parse(readFileSync(join(ROOT, "Pulumi.yaml"), "utf8")) as { main: string };
        assert.equal(main, "index.ts");
    });
});

describe("what is generated from the code", function () {
    this.timeout(120_000); // the compiler reads the SDK
    let all: Record<string, string>;

    before(async () => {
        all = await generated();
    });

    for (const file of ["docs/configuration.md", "schema/stack.json", "schema/provider.json"]) {
        it(`stands in ${file} as it is today`, () => {
            const text = readFileSync(join(ROOT, file), "utf8");
            assert.ok(text === all[file], `${file} is stale: npm run docs`);
        });
    }
});

describe("the schema of stack files", () => {
    type Json = Parameters<typeof z.fromJSONSchema>[0];
    const schema = z.fromJSONSchema(stackFileSchema() as Json);
    const accepts = (config: object) =>
        schema.safeParse({
            config: Object.fromEntries(
                Object.entries(config).map(([key, value]) => [`multinet:${key}`, value]),
            ),
        }).success;

    it("accepts the stack files", () => {
        for (const stack of Object.keys(CELLS)) {
            const text = readFileSync(join(ROOT, `Pulumi.${stack}.yaml`), "utf8");
            const result = schema.safeParse(parse(text));
            assert.ok(result.success, `${stack}: ${result.error}`);
            assert.match(text, /^# yaml-language-server: \$schema=schema\/stack\.json$/m);
        }
    });

    it("refuses misspelt keys, values out of range and what a type of network does not know", () => {
        const clusters = { edge1: {} };
        assert.ok(accepts({ clusters }));
        assert.ok(!accepts({ clusters: { edge1: { node: 2 } } }));
        assert.ok(!accepts({ clusters: { edge1: { nodes: 33 } } }));
        assert.ok(!accepts({ clusters: { Edge1: {} } }));
        assert.ok(!accepts({ clusters, networks: { data: { type: "ptpp" } } }));
        assert.ok(accepts({ clusters, networks: { data: { type: "macvlan", ipam: "static" } } }));
        assert.ok(!accepts({ clusters, networks: { data: { type: "bridge", ipam: "static" } } }));
        assert.ok(!accepts({ clusters, networks: { data: { type: "ptp", cidr: "10.0.0.0" } } }));
    });
});
