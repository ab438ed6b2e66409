import assert from "node:assert/strict";
import { resolveCharts } from "../../plan/images.ts";
import { Testbed } from "../../components/testbed.ts";
import { registered } from "./mocks.ts";

/** Ten clusters with ten pods each that join networks of three types. */
const config = {
    clusters: Object.fromEntries(
        Array.from({ length: 10 }, (_, i) => [`edge${i + 1}`, { memory: "1GiB" }]),
    ),
    networks: {
        data: { type: "ptp", cidr: "10.0.0.0/10" },
        lan: { type: "macvlan", cidr: "172.16.0.0/16", clusterPrefix: 20, nodePrefix: 26 },
        local: { type: "bridge", cidr: "11.0.0.0/10" },
    },
    demo: { deployments: 10, plain: 1 },
};

describe("a testbed of ten clusters with ten pods each", function () {
    this.timeout(60_000); // a busy machine takes longer; what counts is the time of the processor

    it("is described in less than two seconds, and by less than half of 2 MB", async () => {
        const before = process.cpuUsage();
        const all = await registered(() => {
            new Testbed("testbed", config, {
                host: {
                    images: {
                        node: "example/node:1",
                        multus: "example/multus:1",
                        toolbox: "box:1",
                    },
                    charts: resolveCharts({}),
                    archives: [],
                    kubeconfigs: "/kubeconfigs",
                },
            });
        });
        const { user, system } = process.cpuUsage(before);
        assert.ok(user + system < 2e6, `${(user + system) / 1e6} CPU-seconds`);
        // A state has inputs, and outputs that for other resources than the matrix repeat them.
        const inputs = [...all.values()].map((one) => JSON.stringify(one.inputs).length);
        const sum = inputs.reduce((a, b) => a + b, 0);
        assert.ok(sum < 1e6, `${sum} bytes`);
    });
});
