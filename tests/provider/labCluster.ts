import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { KindInputs, KindOutputs } from "../../provider/kind/spec.ts";
import { KindClusterResource } from "../../provider/kindCluster.ts";
import type { Call, Recorded } from "../../provider/resource.ts";
import { FakeWorld } from "./fakes/world.ts";

const BIN = join(import.meta.dirname, "fakes/bin");

const CLUSTER = "lab-dev-edge1";
export const CONTROL_PLANE = `${CLUSTER}-control-plane`;

/** Gives each test of a `describe` an engine with nothing in it, the fake kind, and inputs for a cluster of one node. */
export function labCluster(): LabCluster {
    const lab = new LabCluster();
    const outside = { ...process.env };
    const own = {
        PATH: [BIN, join(process.execPath, ".."), outside["PATH"]].join(delimiter),
        KUBECONFIG: "/nobody/uses/this",
        PULUMI_CONFIG_PASSPHRASE: "canary",
    };
    before(() => {
        Object.assign(process.env, own);
    });
    after(() => {
        for (const name of Object.keys(own)) {
            delete process.env[name];
            if (outside[name] !== undefined) {
                process.env[name] = outside[name];
            }
        }
    });
    beforeEach(() => {
        lab.make();
    });
    afterEach(() => {
        rmSync(lab.folder, { recursive: true });
    });
    return lab;
}

class LabCluster {
    folder!: string;
    world!: FakeWorld;
    inputs!: KindInputs;
    logged: string[] = [];
    readonly resource = new KindClusterResource(() => this.world);

    make(): void {
        this.folder = mkdtempSync(join(tmpdir(), "multinet-kind-test-"));
        this.world = new FakeWorld(join(this.folder, "world"));
        this.logged = [];
        this.inputs = this.inputsOf(CLUSTER, 0);
    }

    inputsOf(name: string, workers: number): KindInputs {
        const roles = ["control-plane", ...Array<string>(workers).fill("worker")];
        return {
            name,
            config: JSON.stringify({
                kind: "Cluster",
                apiVersion: "kind.x-k8s.io/v1alpha4",
                networking: { podSubnet: "10.64.0.0/16" },
                nodes: roles.map((role) => ({ role })),
            }),
            nodes: roles.map((role, index) => `${name}-${role}${index > 1 ? index : ""}`),
            network: "lab-dev",
            image: "node:1",
            memory: "2GiB",
            kubeconfigPath: join(this.folder, "kubeconfigs", `${name}.yaml`),
            owner: { project: "lab", stack: "dev" },
            runtime: "docker",
        };
    }

    call(options: Partial<Call> = {}): Call {
        return {
            urn: "urn",
            preview: false,
            signal: new AbortController().signal,
            log: (_severity, message) => {
                this.logged.push(message);
            },
            ...options,
        };
    }
    preview(): Call {
        return this.call({ preview: true });
    }

    async created(of = this.inputs): Promise<Recorded<KindInputs, KindOutputs>> {
        const { id, outputs } = await this.resource.create(of, this.call());
        return { id, inputs: of, outputs };
    }
    async changesOf(old: Recorded<KindInputs, KindOutputs>, now = old.inputs) {
        return (await this.resource.diff(old, now, this.call())).changes;
    }
    /** Each time kind was started. */
    kindRuns(): Record<string, unknown>[] {
        return this.world.events.filter((event) => "kind" in event);
    }
}
