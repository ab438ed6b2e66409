import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readKubeconfig } from "../../../provider/kube/kubeconfig.ts";
import type { Call } from "../../../provider/resource.ts";
import { FakeApi } from "./api.ts";

/** A cluster of which there are a fake API and a kubeconfig file, and what a resource said of it. */
export class FakeCluster {
    readonly api = new FakeApi();
    readonly logged: string[] = [];
    private readonly folder = mkdtempSync(join(tmpdir(), "multinet-fake-"));
    readonly kubeconfigPath = join(this.folder, "lab.yaml");

    static async start(): Promise<FakeCluster> {
        const cluster = new FakeCluster();
        await cluster.api.start();
        writeFileSync(cluster.kubeconfigPath, cluster.api.kubeconfig);
        return cluster;
    }

    /** What resources take to find the cluster. */
    get access(): { kubeconfigPath: string; ca: string } {
        const { ca } = readKubeconfig(this.api.kubeconfig);
        return { kubeconfigPath: this.kubeconfigPath, ca };
    }

    call(preview = false, signal = new AbortController().signal): Call {
        return {
            urn: "urn",
            preview,
            signal,
            log: (severity, message) => {
                this.logged.push(`${severity}: ${message}`);
            },
        };
    }

    stop(): void {
        this.api.stop();
        rmSync(this.folder, { recursive: true });
    }
}
