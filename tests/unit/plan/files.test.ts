import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { NETWORK_TYPES, sectionOf } from "../../../plan/networks/types.ts";
import { calico } from "../../../plan/primaries/calico.ts";
import type { Plan } from "../../../plan/plan.ts";
import { planTopology } from "../../../plan/planTopology.ts";
import { formatProblems } from "../../../plan/problem.ts";
import * as schema from "../../../plan/config/schema.ts";
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

describe("the stack files", () => {
    const CELLS = { dev: 64, cilium: 30, mixed: 218 };

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

describe("docs/configuration.md", () => {
    const docs = readFileSync(join(ROOT, "docs", "configuration.md"), "utf8");
    const sections = new Map(
        docs.split(/^## /m).map((section) => [/^`(\w+)`/.exec(section)?.[1] ?? "", section]),
    );
    const KEYS: [section: string, keys: string[]][] = [
        ["clusters", Object.keys(schema.clusterSchema().shape)],
        ["clusters", Object.keys(calico.keys!)],
        ["networks", NETWORK_TYPES.flatMap((type) => Object.keys(sectionOf(type).shape))],
        ["networks", NETWORK_TYPES.map(({ name }) => name)],
        ["addresses", Object.keys(schema.addressesSchema.shape)],
        ["bridge", Object.keys(schema.bridgeSchema.shape)],
        ["demo", Object.keys(schema.demoSchema.shape)],
        ["images", Object.keys(schema.imagesSchema.shape)],
    ];
    for (const [section, keys] of KEYS) {
        it(`explains ${keys.slice(0, 3).join(", ")} ... of ${section}`, () => {
            const missing = keys.filter((key) => !sections.get(section)?.includes(`\`${key}\``));
            assert.deepEqual(missing, []);
        });
    }
});
