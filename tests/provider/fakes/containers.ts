import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Container } from "../../../provider/runtime/runtime.ts";

/** What a fake container knows besides what an engine tells of it. */
export interface FakeContainer extends Container {
    nodeLabels: Record<string, string>;
    initialized: boolean;
    /** Has the storage class, kind's last step on a control plane. */
    hasDefaultStorageClass: boolean;
    /** Registered at the cluster's API. */
    joined: boolean;
    /** Has the file that keeps pods away. */
    gated: boolean;
    kubeadm: string;
}

/** Containers in a folder, so that the fake kind, another process, sees the same ones. */
export class FakeContainers {
    readonly folder: string;

    constructor(folder: string) {
        this.folder = folder;
        mkdirSync(join(folder, "containers"), { recursive: true });
    }

    add(
        name: string,
        made: {
            cluster: string;
            network: string;
            image?: string;
            nodeLabels?: Record<string, string>;
        },
    ): void {
        const octet = 2 + readdirSync(join(this.folder, "containers")).length;
        this.save({
            id: randomUUID(),
            name,
            image: made.image ?? "node:1",
            state: "running",
            labels: {
                "io.x-k8s.kind.cluster": made.cluster,
                "io.x-k8s.kind.role": name.includes("worker") ? "worker" : "control-plane",
            },
            networks: { [made.network]: `10.200.0.${octet}` },
            memory: 0,
            env: ["PATH=/bin", "KUBECONFIG=/etc/kubernetes/admin.conf"],
            binds: ["/lib/modules:/lib/modules:ro"],
            devices: [],
            sysctls: {},
            userns: "",
            nodeLabels: made.nodeLabels ?? {},
            initialized: true,
            hasDefaultStorageClass: true,
            joined: true,
            gated: false,
            kubeadm:
                "kind: JoinConfiguration\nnodeRegistration: {kubeletExtraArgs: {}}\n" +
                "discovery: {bootstrapToken: {token: old}}\n",
        });
    }

    change(name: string, changes: Partial<FakeContainer>): void {
        this.save({ ...this.one(name), ...changes });
    }
    drop(name: string): void {
        rmSync(this.path(name));
    }
    get names(): string[] {
        return this.all()
            .map(({ name }) => name)
            .sort();
    }
    one(name: string): FakeContainer {
        return JSON.parse(readFileSync(this.path(name), "utf8")) as FakeContainer;
    }

    protected all(): FakeContainer[] {
        return readdirSync(join(this.folder, "containers")).map((name) => this.one(name));
    }
    protected path(name: string): string {
        return join(this.folder, "containers", name);
    }
    /** Never half written, as the other process may read at any time. */
    protected write(path: string, data: object): void {
        const draft = join(this.folder, randomUUID());
        writeFileSync(draft, JSON.stringify(data));
        renameSync(draft, path);
    }
    private save(container: FakeContainer): void {
        this.write(this.path(container.name), container);
    }
}
