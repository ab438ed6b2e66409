import { resolveCharts, resolveImages, type Local } from "../../plan/images.ts";
import { Testbed } from "../../components/testbed.ts";
import { cidrOf, formatCidr, nthBlock, nthHost } from "../../plan/cidr.ts";
import type { TestbedConfig } from "../../plan/config/testbedConfig.ts";
import type { Plan } from "../../plan/plan.ts";
import { assertGolden, configOf, planOf, PROJECT, STACKS } from "../golden/golden.ts";
import { registered, type Registered } from "./mocks.ts";

/** What the machine adds to a stack: nothing, or everything that it can. */
const MACHINES: Record<string, { local?: Local; mirror?: string; archives?: string[] }> = {
    every: {
        local: { charts: { calico: "/charts/calico", cilium: "/charts/cilium" } },
        mirror: "registry.example.com:5000/mirror",
        archives: ["images/demo.tar"],
    },
};

describe("the recorded resources", function () {
    this.timeout(60_000);

    for (const stack of STACKS) {
        it(`of ${stack} are all that a testbed registers`, async () => {
            const { local = {}, mirror, archives = [] } = MACHINES[stack] ?? {};
            const plan = planOf(stack);
            const host = {
                images: resolveImages({ mirror }, local),
                charts: resolveCharts(local),
                mirror,
                cniPlugins: "/project/.multinet/cni-plugins",
                archives: archives.map((path) => ({ path, digest: "0123" })),
                bridge: {
                    made: "2026-01-01T00:00:00.000Z",
                    ...(mirror !== undefined && { adopt: "network-id" }),
                },
                kubeconfigs: `/project/.multinet/kubeconfigs/${stack}`,
            };
            const config = configOf(stack) as unknown as TestbedConfig;
            const all = await registered(
                () => new Testbed("testbed", config, { host }),
                ciliumRanges(plan),
                stack,
            );
            const text = JSON.stringify([...all.values()].map(described).sort(byUrn), null, 4);
            assertGolden(`resources/${stack}.json`, `${text.replaceAll(PROJECT, "/project")}\n`);
        });
    }
});

/** Ranges as Cilium would give them: parts of its pool. */
function ciliumRanges({ networks }: Plan) {
    const pool = networks.find((network) => network.type === "cilium");
    const { cidr, nodePrefix } = { nodePrefix: 24, cidr: "10.245.0.0/16", ...pool };
    return (i: number) => {
        const part = nthBlock(cidrOf(cidr), nodePrefix, i);
        return { range: formatCidr(part), router: nthHost(part, 99) };
    };
}

/** What the engine is told of a resource; others are named by their names. */
function described({ type, name, wire, ...one }: Registered) {
    return {
        type,
        name,
        parent: nameIn(one.parent),
        provider: nameIn(one.provider.split("::").slice(0, 4).join("::")),
        ...(one.deletedWith && { deletedWith: nameIn(one.deletedWith) }),
        ...(one.importId && { import: one.importId }),
        dependencies: one.dependencies.map(nameIn).sort(),
        inputs: sorted(wire),
    };
}

function byUrn(a: { type: string; name: string }, b: { type: string; name: string }): number {
    return `${a.name} ${a.type}` < `${b.name} ${b.type}` ? -1 : 1;
}

function nameIn(urn: string): string {
    return urn.split("::").slice(2).join("::");
}

/** The SDK's mark of a secret on the wire. */
const MARK = "4dabf18193072939515e22adb298388d";

/** The same value with sorted keys, secrets written out. */
function sorted(value: unknown): unknown {
    if (Array.isArray(value)) {
        return value.map(sorted);
    }
    if (typeof value !== "object" || value === null) {
        return value;
    }
    if (MARK in value && "value" in value) {
        return { secret: sorted(value.value) };
    }
    // Of a chart of ours every file counts, and its own tests look at those.
    const digest = "chartDigest" in value ? { chartDigest: "digest of the chart" } : {};
    const entries = Object.entries({ ...value, ...digest }).map(
        ([key, inner]) => [key, sorted(inner)] as const,
    );
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
