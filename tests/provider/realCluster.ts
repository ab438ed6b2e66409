import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { stringify } from "yaml";
import { resolveImages } from "../../plan/images.ts";
import type { KindInputs, KindOutputs } from "../../provider/kind/spec.ts";
import { KindClusterResource } from "../../provider/kindCluster.ts";
import type { Call, Recorded } from "../../provider/resource.ts";

export const NAME = `multinet-test-${process.pid}`;
const SUBNET = "10.255.248.0/24";
export const [CONTROL_PLANE, WORKER] = [`${NAME}-control-plane`, `${NAME}-worker`];

interface KubeNode {
    metadata: { name: string; labels: Record<string, string> };
    status: { conditions: { type: string; status: string }[] };
}

/**
 * Gives a `describe` a network of its own on the real engine, and removes at its end all that is on it. Without
 * MULTINET_REAL=1 its tests are skipped.
 */
export function realCluster(): RealCluster {
    const real = new RealCluster();
    const isWanted = process.env["MULTINET_REAL"] === "1";
    before(function () {
        if (!isWanted) {
            this.skip();
        }
        real.prepare();
    });
    beforeEach(() => {
        real.logged = [];
    });
    after(() => {
        if (isWanted) {
            real.remove();
        }
    });
    return real;
}

class RealCluster {
    readonly resource = new KindClusterResource();
    folder!: string;
    /** The engine's volumes before the first test. */
    volumes!: string[];
    logged: string[] = [];
    state!: Recorded<KindInputs, KindOutputs>;
    private plugins!: string;

    prepare(): void {
        this.folder = mkdtempSync(join(tmpdir(), "multinet-real-"));
        this.plugins = mkdtempSync(join(tmpdir(), "multinet-plugins-"));
        symlinkSync(import.meta.dirname, join(this.plugins, "link"));
        this.volumes = docker("volume", "ls", "--quiet");
        docker("network", "create", "--subnet", SUBNET, NAME);
    }
    remove(): void {
        const left = docker("ps", "--all", "--quiet", "--filter", `network=${NAME}`);
        if (left.length > 0) {
            docker("rm", "--force", "--volumes", ...left);
        }
        docker("network", "rm", NAME);
        rmSync(this.folder, { recursive: true });
        rmSync(this.plugins, { recursive: true });
    }

    kubectl(args: string[], input = ""): string {
        const target = ["--kubeconfig", this.state.inputs.kubeconfigPath];
        return execFileSync("kubectl", [...target, ...args], { encoding: "utf8", input });
    }
    /** Whether a node sees the folder with CNI plugins, and cannot write there. */
    seesPlugins(node: string): void {
        const path = "/opt/multinet/cni-plugins";
        assert.ok(docker("exec", node, "ls", path).includes(basename(import.meta.filename)));
        assert.throws(() => docker("exec", node, "touch", `${path}/mine`), /Read-only/);
    }
    id(container: string): string | undefined {
        return docker("inspect", "--format", "{{.Id}}", container)[0];
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

    inputsOf(workers: number): KindInputs {
        const local = process.env["MULTINET_IMAGES"];
        const images = local ? (JSON.parse(readFileSync(local, "utf8")) as object) : {};
        const roles = ["control-plane", ...Array<string>(workers).fill("worker")];
        return {
            name: NAME,
            config: stringify({
                kind: "Cluster",
                apiVersion: "kind.x-k8s.io/v1alpha4",
                networking: { podSubnet: "10.126.0.0/16", serviceSubnet: "10.190.0.0/16" },
                nodes: roles.map((role) => ({ role })),
            }),
            nodes: [CONTROL_PLANE, WORKER].slice(0, roles.length),
            network: NAME,
            image: resolveImages({}, images).node,
            memory: "4GiB",
            kubeconfigPath: join(this.folder, "kubeconfigs", "test.yaml"),
            owner: { project: "multinet", stack: "test" },
            runtime: "docker",
            cniPlugins: join(this.plugins, "link"),
        };
    }
    async create(inputs: KindInputs): Promise<void> {
        const { id, outputs } = await this.resource.create(inputs, this.call());
        this.state = { id, inputs, outputs };
    }
    async update(inputs: KindInputs): Promise<void> {
        const outputs = await this.resource.update(this.state, inputs, this.call());
        this.state = { ...this.state, inputs, outputs };
    }
    async changes(inputs = this.state.inputs) {
        return (await this.resource.diff(this.state, inputs, this.call())).changes;
    }

    nodes(): KubeNode[] {
        const { items } = JSON.parse(this.kubectl(["get", "nodes", "--output=json"])) as {
            items: KubeNode[];
        };
        return items;
    }
    async ready(name: string): Promise<void> {
        const isReady = ({ metadata, status }: KubeNode) =>
            metadata.name === name &&
            status.conditions.some(({ type, status }) => type === "Ready" && status === "True");
        while (!this.nodes().some(isReady)) {
            await setTimeout(500);
        }
    }
}

export function docker(...args: string[]): string[] {
    const said = execFileSync("docker", args, { encoding: "utf8", stdio: "pipe" });
    return said.split("\n").filter((line) => line !== "");
}
