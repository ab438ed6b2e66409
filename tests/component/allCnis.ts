import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { resolveCharts } from "../../plan/images.ts";
import type { TestbedConfig } from "../../plan/config/testbedConfig.ts";
import { Testbed } from "../../components/testbed.ts";
import type { ClusterPlan } from "../../plan/plan.ts";
import { planTopology } from "../../plan/planTopology.ts";
import { validateConfig } from "../../plan/config/validate.ts";
import { registered, type Registered } from "./mocks.ts";

export const owner = { project: "multinet", stack: "unit" };
export const images = {
    node: "example/node:1",
    multus: "example/multus:1",
    toolbox: "example/box:1",
};

/** Every primary network, and every type of extra network. */
const CONFIG: TestbedConfig = {
    clusters: {
        edge1: { nodes: 2 },
        edge2: {
            nodes: 2,
            primary: "calico",
            kubeProxyMode: "nftables",
            calico: {
                values: {
                    apiServer: { enabled: true },
                    installation: { nonPrivileged: "Enabled" },
                },
            },
        },
        edge3: { primary: "cilium", cilium: { values: { hubble: { enabled: true } } } },
    },
    networks: {
        "data-plane": { type: "ptp", cidr: "10.0.0.0/12" },
        lan: { type: "macvlan", cidr: "10.16.0.0/16", clusters: ["edge1", "edge2"] },
        seats: {
            type: "macvlan",
            cidr: "10.17.0.0/16",
            ipam: "static",
            clusters: ["edge1", "edge2"],
        },
        local: { type: "bridge", cidr: "10.32.0.0/12", mtu: 1400, clusters: ["edge1", "edge2"] },
        overlay: {
            type: "cilium",
            cidr: "10.245.0.0/16",
            nodePrefix: 24,
            mtu: 1400,
            clusters: ["edge2"],
        },
    },
    demo: { plain: 1 },
};

function planOf(config: TestbedConfig) {
    const result = validateConfig({ ...config }, owner);
    assert.ok("topology" in result, JSON.stringify(result));
    return planTopology(result.topology, owner);
}

export const plan = planOf(CONFIG);
export const [edge1, edge2, edge3] = plan.clusters as [ClusterPlan, ClusterPlan, ClusterPlan];

/** Registers the testbed before the tests of a `describe`. */
export function allCnis(): AllCnis {
    const lab = new AllCnis();
    before(async function () {
        this.timeout(60_000);
        await lab.register();
    });
    return lab;
}

class AllCnis {
    all!: Map<string, Registered>;
    /** Outputs of the testbed. */
    shown!: { topology: string; clusters: string };

    async register(): Promise<void> {
        this.all = await registered(() => {
            const { topology, clusters } = new Testbed("testbed", CONFIG, {
                host: {
                    images,
                    charts: resolveCharts({ charts: { calico: "/charts/tigera-operator" } }),
                    mirror: "mirror.example.com/m",
                    bridge: { made: "2026-01-01T00:00:00.000Z" },
                    archives: [],
                    kubeconfigs: "/kubeconfigs",
                },
            });
            pulumi.all([topology, pulumi.jsonStringify(clusters)]).apply(([picture, text]) => {
                this.shown = { topology: picture, clusters: text };
            });
        });
    }

    one(name: string): Registered {
        const found = this.all.get(name);
        assert.ok(found, `${name} is not among ${[...this.all.keys()].join(", ")}`);
        return found;
    }
    /** Of a release. */
    values(name: string): Record<string, never> {
        return this.one(name).inputs["values"] as Record<string, never>;
    }
    /** Names of what a resource waits for. */
    awaited(name: string): string[] {
        return this.one(name).dependencies.map((urn) => urn.slice(urn.lastIndexOf("::") + 2));
    }
}
