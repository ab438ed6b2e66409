import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { resolveCharts } from "../../plan/images.ts";
import { stackConfig } from "../../stack/config.ts";
import { Testbed } from "../../components/testbed.ts";
import { registered, type Registered } from "./mocks.ts";

const images = { node: "example/node:1", multus: "example/multus:1", toolbox: "example/box:1" };

/** Marks a secret on the wire; its value says that it is one. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";

const CONFIG = {
    clusters: {
        edge1: { primary: "calico", calico: { values: { goldmane: { key: "T0ken-calico" } } } },
        edge2: { primary: "cilium", cilium: { values: { list: ["T0ken-list"], debug: true } } },
    },
    networks: {
        "data-plane": { type: "ptp", cidr: "10.0.0.0/12" },
        overlay: {
            type: "cilium",
            cidr: "10.245.0.0/16",
            clusters: ["edge1"],
            values: { bgp: { password: "T0ken-network", operator: { replicas: 1 } } },
        },
    },
};

/** What of a message on the wire is readable: all but the secrets. */
function readable(value: unknown): unknown {
    if (typeof value !== "object" || value === null) {
        return value;
    }
    return SIGNATURE in value
        ? "[secret]"
        : Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, readable(inner)]));
}

async function testbed(secretKeys: string[]): Promise<Map<string, Registered>> {
    const written = Object.entries(CONFIG).map(([key, value]) => [
        `multinet:${key}`,
        JSON.stringify(value),
    ]);
    return registered(() => {
        const all = Object.fromEntries(written) as Record<string, string>;
        pulumi.runtime.setAllConfig(all, secretKeys);
        const host = {
            images,
            charts: resolveCharts({}),
            archives: [],
            kubeconfigs: "/kubeconfigs",
        };
        const [config, options] = stackConfig();
        const made = new Testbed("testbed", config, { ...options, host });
        const { clusters, topology, next } = made;
        const outputs = { clusters, topology, next };
        new pulumi.ComponentResource("test:index:Outputs", "outputs", outputs);
    });
}

describe("values of charts", function () {
    this.timeout(60_000);
    const tokens = ["T0ken-calico", "T0ken-list", "T0ken-network"];
    const shown = (all: Map<string, Registered>) =>
        JSON.stringify([...all.values()].map(({ wire }) => readable(wire)));

    it("are secrets where their section of the configuration holds one, whoever gets them", async () => {
        const all = await testbed(["multinet:clusters", "multinet:networks"]);
        for (const token of tokens) {
            assert.ok(!shown(all).includes(token), token);
            // They are still sent.
            assert.ok(JSON.stringify([...all.values()].map(({ wire }) => wire)).includes(token));
        }
        const { values } = readable(all.get("edge1-calico-release")!.wire) as {
            values: Record<string, Record<string, unknown>>;
        };
        assert.deepEqual(values["goldmane"], { enabled: false, key: "[secret]" });
        assert.deepEqual(values["apiServer"], { enabled: false });
    });

    it("are hidden by section: what is no secret can be read", async () => {
        const all = shown(await testbed(["multinet:networks"]));
        assert.ok(!all.includes("T0ken-network"));
        assert.ok(all.includes("T0ken-calico") && all.includes("T0ken-list"));
    });

    it("can be read where nothing is secret", async () => {
        const all = shown(await testbed([]));
        assert.ok(tokens.every((token) => all.includes(token)));
    });
});
