import assert from "node:assert/strict";
import fc from "fast-check";
import type { RawConfig } from "../../../plan/config/parsedConfig.ts";
import { formatProblems, problem, withoutValues } from "../../../plan/problem.ts";
import { validateConfig } from "../../../plan/config/validate.ts";

const OWNER = { project: "multinet", stack: "dev" };
const TOKEN = "s3cr3t-T0ken";

/** Every section, with a value for most keys. */
const CONFIG: RawConfig = {
    clusters: {
        edge1: {
            nodes: 2,
            index: 1,
            memory: "4GiB",
            primary: "calico",
            calico: { encapsulation: "VXLAN", values: { goldmane: { tls: { key: "k" } } } },
        },
        edge2: { podSubnet: "10.70.0.0/16", primary: "cilium", cilium: { values: { a: ["b"] } } },
    },
    networks: {
        "data-plane": { type: "ptp", clusters: ["edge1", "edge2"] },
        overlay: { type: "cilium", cidr: "10.245.0.0/16", clusters: ["edge1"], values: {} },
    },
    addresses: { pods: "10.64.0.0/10" },
    bridge: { subnet: "10.201.4.0/22" },
    demo: { deployments: 2 },
    images: { mirror: "example.com/m", toolbox: "example.com/t:1", archives: ["a.tar"] },
    runtime: "docker",
};

/** Paths of all values, maps and lists included. */
function pathsOf(value: unknown, path: string[] = []): string[][] {
    const inner = typeof value === "object" ? Object.entries(value as object) : [];
    return [path, ...inner.flatMap(([key, one]) => pathsOf(one, [...path, key]))];
}

function withValue(config: unknown, [key, ...rest]: string[], value: unknown): unknown {
    if (key === undefined) {
        return value;
    }
    const map = (typeof config === "object" ? config : {}) as Record<string, unknown>;
    return { ...map, [key]: withValue(map[key], rest, value) };
}

describe("a problem with a secret", () => {
    const paths = pathsOf(CONFIG).filter((path) => path.length > 0);
    const extended = [...paths, ...paths.map((path) => [...path, "extra"]), ["unknown"], ["a b"]];

    it("is told without the value, wherever that stands and whatever it looks like", () => {
        let problems = 0;
        const shapes = fc.constantFrom<((token: string) => unknown)[]>(
            (token) => token,
            (token) => [token],
            (token) => ({ values: { password: token } }),
            (token) => `https://joe:${token}@example.com/`,
            (token) => `${token}:latest`,
        );
        fc.assert(
            fc.property(fc.constantFrom(...extended), shapes, (path, shape) => {
                const config = withValue(CONFIG, path, shape(TOKEN)) as RawConfig;
                const result = validateConfig(config, OWNER);
                if ("problems" in result) {
                    problems++;
                    const text = formatProblems(
                        withoutValues(result.problems, new Set([path[0]!])),
                    );
                    assert.ok(!text.includes(TOKEN), text);
                }
            }),
            { numRuns: 200 },
        );
        assert.ok(problems > 50);
    });

    it("still says where, why and what to do", () => {
        const result = validateConfig({ clusters: { edge1: { nodes: "three" } } }, OWNER);
        assert.ok("problems" in result);
        const text = formatProblems(withoutValues(result.problems, new Set(["clusters"])));
        assert.match(text, /clusters\.edge1\.nodes: \[secret\]\n/);
        assert.match(text, /integer, but it is text/);
        assert.match(text, /nodes: 3/);
    });

    it("hides nothing of other sections", () => {
        const other = problem(["clusters2", "a"], "plain", { reason: "plain", fix: "plain" });
        assert.deepEqual(withoutValues([other], new Set(["clusters"])), [other]);
    });
});
