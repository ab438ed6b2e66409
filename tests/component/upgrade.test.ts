import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { resolveCharts } from "../../plan/images.ts";
import { Testbed } from "../../components/testbed.ts";
import { inputChanges, liveChanges } from "../../provider/kind/drift.ts";
import type { KindInputs, KindOutputs } from "../../provider/kind/spec.ts";
import { container } from "../../provider/runtime/docker.ts";
import { registered, type Registered } from "./mocks.ts";

interface Recorded {
    urn: string;
    type: string;
    custom?: boolean;
    inputs?: Record<string, unknown>;
    outputs?: Record<string, unknown>;
}

const FIXTURE = join(import.meta.dirname, "..", "fixtures", "feca1b0");

const read = <T>(file: string) => JSON.parse(readFileSync(join(FIXTURE, file), "utf8")) as T;

/** The state of the stack `dev` and its containers, as the program of that commit left them. */
describe("a stack that an earlier program made (feca1b0)", function () {
    const { resources } = read<{ resources: Recorded[] }>("state.json");
    const containers = read<Parameters<typeof container>[0][]>("containers.json").map(container);
    const ofType = (type: string) => resources.filter((one) => one.type === type);
    const nameOf = ({ urn }: Recorded) => urn.split("::").at(-1)!;
    const inputsOf = (type: string) => ofType(type)[0]!.inputs as Record<string, string>;
    let now: Map<string, Registered>;

    before(async function () {
        this.timeout(60_000);
        const labels = ofType("docker:index/network:Network")[0]!.inputs!["labels"];
        const made = (labels as { label: string; value: string }[]).find(
            ({ label }) => label === "multinet.dev/made",
        );
        const config = { clusters: { edge1: {}, edge2: {} } };
        const host = {
            images: {
                node: inputsOf("docker:index/remoteImage:RemoteImage")["name"]!,
                multus: "multinet.local/multus:v4.2.4",
                toolbox: "multinet.local/toolbox:1",
            },
            charts: resolveCharts({}),
            cniPlugins: "/project/.multinet/cni-plugins",
            archives: [],
            bridge: { made: made?.value },
            kubeconfigs: "/project/.multinet/kubeconfigs/dev",
        };
        now = await registered(() => new Testbed("testbed", config, { host }), undefined, "dev");
    });

    /** What identifies a resource in a state, apart from stack and project. */
    function identity(one: Registered): string {
        const types: string[] = [];
        for (let each: Registered | undefined = one; each; each = now.get(nameIn(each.parent))) {
            types.unshift(each.type);
        }
        return `${types.join("$")}::${one.name}`;
    }
    const nameIn = (urn: string) => urn.split("::").at(-1)!;

    it("loses no resource: each has the same name, type and parents", () => {
        const known = new Set([...now.values()].map(identity));
        const lost = resources
            .filter(
                ({ type }) =>
                    type !== "pulumi:pulumi:Stack" && !type.includes("providers:multinet"),
            )
            .map(({ urn }) => urn.split("::").slice(2).join("::"))
            .filter((one) => !known.has(one));
        assert.deepEqual(lost, []);
    });

    it("keeps every cluster: nothing about it asks for a replacement", () => {
        const clusters = ofType("multinet:index:KindCluster");
        assert.equal(clusters.length, 2);
        for (const one of clusters) {
            const inputs = one.inputs as unknown as KindInputs;
            const outputs = one.outputs as unknown as KindOutputs;
            const wanted = now.get(nameOf(one))!.inputs as unknown as KindInputs;
            const own = containers.filter(({ name }) => inputs.nodes.includes(name));
            assert.equal(own.length, 1);
            const changes = {
                ...inputChanges(inputs, wanted),
                ...liveChanges({ id: inputs.name, inputs, outputs }, wanted, own),
            };
            assert.deepEqual(changes, {});
        }
    });

    it("keeps its network, which any other input would replace", () => {
        const [network] = ofType("docker:index/network:Network");
        assert.deepEqual(now.get(nameOf(network!))!.inputs, network!.inputs);
    });

    it("keeps every Helm release under its name", () => {
        for (const one of ofType("kubernetes:helm.sh/v3:Release")) {
            const { name, namespace } = now.get(nameOf(one))!.inputs;
            assert.deepEqual([name, namespace], [one.inputs!["name"], one.inputs!["namespace"]]);
        }
    });
});
