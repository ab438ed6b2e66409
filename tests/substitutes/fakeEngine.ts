import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { FakeDocker } from "./fixtures/fakeDocker.ts";
import { Plugin } from "./plugin.ts";

/** The docker substitute, with a fake `docker` first on its PATH. */
export class FakeEngine {
    readonly plugin: Plugin;
    private readonly folder: string;

    private constructor(plugin: Plugin, folder: string) {
        this.plugin = plugin;
        this.folder = folder;
    }

    static async start(): Promise<FakeEngine> {
        const folder = mkdtempSync(join(tmpdir(), "multinet-docker-"));
        const fake = join(import.meta.dirname, "fixtures/fakeDocker.ts");
        const command = join(folder, "docker");
        writeFileSync(command, `#!/bin/sh\nexec "${process.execPath}" "${fake}" "$@"\n`);
        chmodSync(command, 0o755);
        const plugin = await Plugin.start("docker", {
            FAKE_DOCKER: join(folder, "engine.json"),
            PATH: `${folder}${delimiter}${process.env["PATH"]}`,
            DOCKER_HOST: "unix:///from/environment",
        });
        return new FakeEngine(plugin, folder);
    }

    async stop(): Promise<void> {
        await this.plugin.stop();
        rmSync(this.folder, { recursive: true });
    }

    /** Begins anew with `state`; what it leaves out is empty. */
    reset(state: Partial<FakeDocker> = {}): void {
        const empty = { calls: [], networks: {}, images: {}, registry: {}, busy: 0, down: [] };
        writeFileSync(join(this.folder, "engine.json"), JSON.stringify({ ...empty, ...state }));
    }

    get state(): FakeDocker {
        return JSON.parse(readFileSync(join(this.folder, "engine.json"), "utf8")) as FakeDocker;
    }

    /** The first two words of every command line so far. */
    get commands(): string[] {
        return this.state.calls.map(({ args }) => args.slice(0, 2).join(" "));
    }
}
