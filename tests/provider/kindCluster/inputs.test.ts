import assert from "node:assert/strict";
import fc from "fast-check";
import { parse } from "yaml";
import { labelledConfig, specHash } from "../../../provider/kind/spec.ts";
import { UNKNOWN } from "../../../provider/resource.ts";
import { kubeconfig } from "../fakes/kubeconfig.ts";
import { labCluster } from "../labCluster.ts";

describe("a kind cluster", function () {
    this.timeout(20_000);
    const lab = labCluster();

    describe("check", () => {
        const reasons = async (changes: Record<string, unknown>) => {
            const checked = await lab.resource.check({ ...lab.inputs, ...changes });
            return checked.failures.map(({ property, reason }) => `${property} ${reason}`);
        };

        it("has nothing against good inputs, or unknown ones", async () => {
            assert.deepEqual(await reasons({}), []);
            assert.deepEqual(await reasons({ network: UNKNOWN, config: UNKNOWN }), []);
            for (const cniPlugins of ["/p/cni-plugins", UNKNOWN]) {
                assert.deepEqual(await reasons({ cniPlugins }), []);
            }
        });

        for (const [what, changes, expected] of [
            ["a name in upper case", { name: "Edge" }, /^name is "Edge"; use lower-case/],
            ["no image", { image: "" }, /^image is "", but must be a text/],
            ["a memory size that is none", { memory: "lots" }, /^memory is "lots"; use a size/],
            ["too little memory", { memory: "100Mi" }, /^memory is "100Mi"; .* at least 1GiB/],
            ["another runtime", { runtime: "lxc" }, /^runtime is "lxc"; use "docker" or "podman"/],
            [
                "a stack that is no label",
                { owner: { project: "p", stack: "a b" } },
                /^owner\.stack/,
            ],
            ["a configuration that is no YAML", { config: "a: [" }, /^config cannot be read/],
            ["a configuration of something else", { config: "kind: Pod" }, /^config must be of/],
            [
                "other nodes than it makes",
                { nodes: ["x"] },
                /^nodes is \["x"\], but .*control-plane/,
            ],
            [
                "the user's own kubeconfig",
                { kubeconfigPath: `${process.env["HOME"] ?? ""}/.kube/config` },
                /^kubeconfigPath is .*your own kubeconfig; choose another/,
            ],
            [
                "CNI plugins of no certain place",
                { cniPlugins: "cni-plugins" },
                /^cniPlugins is "cni-plugins"; use the absolute path of a folder/,
            ],
            [
                "a folder that engines would take for two",
                { cniPlugins: "/a:/b" },
                /^cniPlugins is "\/a:\/b"; .* without ":"/,
            ],
            ["CNI plugins that are no text", { cniPlugins: ["/a"] }, /^cniPlugins is \["\/a"\]/],
        ] as const) {
            it(`refuses ${what}`, async () => {
                const [reason, ...more] = await reasons(changes);
                assert.match(reason ?? "", expected);
                assert.deepEqual(more, []);
            });
        }

        it("refuses a second control plane and workers with settings of their own", async () => {
            const config = (nodes: object[]) =>
                JSON.stringify({ kind: "Cluster", apiVersion: "kind.x-k8s.io/v1alpha4", nodes });
            assert.match(
                (
                    await reasons({
                        config: config([{ role: "control-plane" }, { role: "control-plane" }]),
                    })
                )[0] ?? "",
                /one control-plane node and then only workers/,
            );
            assert.match(
                (
                    await reasons({
                        config: config([{ role: "control-plane" }, { role: "worker", labels: {} }]),
                    })
                )[0] ?? "",
                /settings of its own/,
            );
        });
    });

    it("is the same cluster wherever the CNI plugins of this machine are", () => {
        const hash = specHash(lab.inputs);
        const path = fc.string().map((name) => `/${name}`);
        fc.assert(
            fc.property(path, (cniPlugins) => {
                assert.equal(specHash({ ...lab.inputs, cniPlugins }), hash);
                const config = parse(labelledConfig({ ...lab.inputs, cniPlugins })) as {
                    nodes: { extraMounts: { hostPath: string }[] }[];
                };
                for (const { extraMounts } of config.nodes) {
                    assert.deepEqual(
                        extraMounts.map(({ hostPath }) => hostPath),
                        [cniPlugins],
                    );
                }
            }),
        );
        assert.ok(!labelledConfig(lab.inputs).includes("extraMounts"));
    });

    it("is the same to kind whatever order its configuration is in", () => {
        const reordered = {
            ...lab.inputs,
            config: lab.inputs.config.replace(/^\{"kind":"Cluster",/, "{"),
        };
        const config = `${reordered.config.slice(0, -1)},"kind":"Cluster"}`;
        assert.equal(specHash({ ...lab.inputs, config }), specHash(lab.inputs));
        assert.match(labelledConfig(lab.inputs), /multinet\.dev\/spec: [0-9a-f]{32}/);
        assert.notEqual(kubeconfig("a"), kubeconfig("b"));
    });
});
