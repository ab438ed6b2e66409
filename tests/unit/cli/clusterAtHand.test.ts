import assert from "node:assert/strict";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo, type Server } from "node:net";
import { stringify } from "yaml";
import { clusterAtHand } from "../../../cli/clusterAtHand.ts";
import { temporaryDirectory } from "../temporary.ts";

describe("a cluster that a shell finds there", () => {
    const temporary = temporaryDirectory();
    const choice = { name: "dev", reference: "dev", configFile: "", ownConfigFile: false };
    let api: Server;
    let before: NodeJS.ProcessEnv;

    beforeEach(async () => {
        before = { ...process.env };
        mkdirSync(temporary("bin"));
        writeFileSync(temporary("bin/kubectl"), "");
        chmodSync(temporary("bin/kubectl"), 0o755);
        process.env["PATH"] = temporary("bin");
        process.env["MULTINET_CACHE"] = temporary("cache");
        process.env["PULUMI_BACKEND_URL"] = `file://${temporary("state")}`;
        api = createServer((socket) => socket.end());
        await new Promise<void>((listening) => api.listen(0, "127.0.0.1", listening));
        kubeconfig((api.address() as AddressInfo).port);
        state({ edge1: { kubeconfig: temporary("edge1.yaml") } });
    });
    afterEach(() => {
        api.close();
        process.env = before;
    });

    function kubeconfig(port: number): void {
        const data = { server: `https://127.0.0.1:${port}`, "certificate-authority-data": "" };
        const text = stringify({ clusters: [{ name: "kind-x", cluster: data }], users: [] });
        writeFileSync(temporary("edge1.yaml"), text);
    }

    function state(clusters: unknown): void {
        const folder = temporary("state/.pulumi/stacks/multinet");
        mkdirSync(folder, { recursive: true });
        const stack = { urn: "", type: "pulumi:pulumi:Stack", outputs: { clusters } };
        const checkpoint = { version: 3, checkpoint: { latest: { resources: [stack] } } };
        writeFileSync(`${folder}/dev.json`, JSON.stringify(checkpoint));
    }

    const look = (cluster = "edge1") => clusterAtHand(choice, cluster, temporary(".multinet"));

    it("needs no set-up", async () => {
        const found = await look();
        assert.equal(found?.kubeconfig, temporary("edge1.yaml"));
        assert.equal(found?.kubectl, temporary("bin/kubectl"));
    });

    it("is none if anything is missing, which a set-up may bring", async () => {
        assert.equal(await look("edge2"), undefined);
        for (const clusters of [undefined, {}, { edge1: {} }, { edge1: { kubeconfig: "/gone" } }]) {
            state(clusters);
            assert.equal(await look(), undefined);
        }
        state({ edge1: { kubeconfig: temporary("edge1.yaml") } });
        writeFileSync(temporary("edge1.yaml"), "{");
        assert.equal(await look(), undefined);
    });

    it("is none without a program", async () => {
        process.env["PATH"] = "";
        assert.equal(await look(), undefined);
    });

    it("is none where the state is not in a folder", async () => {
        process.env["PULUMI_BACKEND_URL"] = "s3://bucket";
        assert.equal(await look(), undefined);
    });

    it("is none when its API does not listen", async () => {
        await new Promise((closed) => api.close(closed));
        assert.equal(await look(), undefined);
    });
});
