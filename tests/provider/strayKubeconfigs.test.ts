import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { readKubeconfig } from "../../provider/kube/kubeconfig.ts";
import { removeStrayKubeconfigs, runsForOther } from "../../provider/kube/strayKubeconfigs.ts";

function kubeconfig(authority: string): string {
    return stringify({
        clusters: [
            {
                name: "kind-lab",
                cluster: {
                    server: "https://127.0.0.1:1",
                    "certificate-authority-data": Buffer.from(authority).toString("base64"),
                },
            },
        ],
    });
}

const ours = new Set([readKubeconfig(kubeconfig("ours")).ca]);

describe("copies of kubeconfigs that the kubernetes plugin leaves", () => {
    let folder: string;

    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), "multinet-strays-"));
    });

    afterEach(() => {
        rmSync(folder, { recursive: true });
    });

    function leave(name: string, content: string) {
        writeFileSync(join(folder, name), content, { mode: 0o600 });
    }

    it("are removed, all of them, when they are of a cluster of this run", async () => {
        leave("kubeconfig123456789", kubeconfig("ours"));
        leave("kubeconfig4294967295", kubeconfig("ours"));
        await removeStrayKubeconfigs(ours, folder, () => false);
        assert.deepEqual(readdirSync(folder), []);
    });

    it("stay when a plugin runs that may need them", async () => {
        leave("kubeconfig1", kubeconfig("ours"));
        await removeStrayKubeconfigs(ours, folder, () => true);
        assert.deepEqual(readdirSync(folder), ["kubeconfig1"]);
    });

    it("are told from everything else", async () => {
        leave("kubeconfig1", kubeconfig("theirs"));
        leave("kubeconfig2", "no kubeconfig: [");
        leave("kubeconfig3", "");
        leave("kubeconfig4", kubeconfig("ours") + "#".repeat(100_000));
        leave("kubeconfig-mine", kubeconfig("ours"));
        leave("my-kubeconfig5", kubeconfig("ours"));
        symlinkSync(join(folder, "kubeconfig-mine"), join(folder, "kubeconfig6"));
        mkdirSync(join(folder, "kubeconfig7"));
        const before = readdirSync(folder);
        await removeStrayKubeconfigs(ours, folder, () => false);
        assert.deepEqual(readdirSync(folder), before);
    });

    it("are in use while the plugin of another engine runs", async () => {
        const plugin = spawn("sleep", ["60"], { argv0: "/somewhere/pulumi-resource-kubernetes" });
        try {
            await once(plugin, "spawn");
            assert.equal(runsForOther(1), true);
        } finally {
            plugin.kill("SIGKILL");
            await once(plugin, "exit");
        }
    });
});
