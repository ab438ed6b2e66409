import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { Builder } from "../../../source-builds/builder.ts";
import { Cache } from "../../../system/cache.ts";
import { forgetSilentHosts } from "../../../system/http.ts";
import { Progress } from "../../../system/progress.ts";
import { DownloadFailed } from "../../../system/source.ts";
import { toolSource } from "../../../cli/setup/toolSource.ts";
import { versions } from "../../../plan/versions.ts";
import { temporaryDirectory, withoutChoice } from "../temporary.ts";

describe("source of tools", () => {
    const temporary = temporaryDirectory();
    withoutChoice();
    const { fetch } = globalThis;
    const asked: string[] = [];
    /** What hosts answer; others are not known. */
    let answers: Record<string, () => Response>;

    beforeEach(() => {
        forgetSilentHosts();
        asked.length = 0;
        answers = {};
        globalThis.fetch = async (url) => {
            const { host } = new URL(url);
            asked.push(host);
            const answer = answers[host];
            if (!answer) {
                const cause = Object.assign(new Error(`no ${host}`), { code: "ENOTFOUND" });
                throw new TypeError("fetch failed", { cause });
            }
            return answer();
        };
        mkdirSync(temporary("cache"), { mode: 0o700 });
    });
    afterEach(() => {
        globalThis.fetch = fetch;
    });

    async function of(...names: string[]): Promise<{ built: string[]; lines: string[] }> {
        const { signal } = new AbortController();
        const progress = new Progress({ write: () => true });
        const { registry } = new Builder(new Cache(temporary("cache")), progress, signal);
        const missing = names.map((name) => registry.get(name));
        const { built, lines } = await toolSource(missing, signal);
        return { built: built.map(({ name }) => name), lines };
    }
    const offers = () => new Response("x", { status: 206 });

    it("is the publisher of each, where that offers it", async () => {
        answers = { "github.com": offers, "dl.k8s.io": offers };
        const { built, lines } = await of("kind", "kubectl", "rootfs");
        assert.deepEqual(built, ["rootfs"]);
        assert.deepEqual(lines, [
            `Downloaded from github.com, dl.k8s.io: kind ${versions.kind}, kubectl ${versions.kubernetes}.`,
        ]);
    });

    it("is a build for just what cannot be reached, and that is said with the reason", async () => {
        answers = { "github.com": offers };
        const { built, lines } = await of("kind", "kubectl");
        assert.deepEqual(built, ["kubectl"]);
        assert.match(lines[0]!, /^Downloaded from github\.com: kind [^,]*$/);
        assert.match(
            lines[1]!,
            /^Built from source: kubectl .* dl\.k8s\.io cannot be reached: no dl/,
        );
    });

    it("is not asked for where nothing of it is published", async () => {
        assert.deepEqual(await of("rootfs"), { built: ["rootfs"], lines: [] });
        assert.deepEqual(asked, []);
    });

    it("is no build where a page blocks the download", async () => {
        answers = { "github.com": () => new Response("<html>", { status: 403 }) };
        await assert.rejects(of("kind"), (error: Error) => {
            assert.ok(error instanceof DownloadFailed);
            return /answered 403.*MULTINET_SOURCE=build/s.test(error.message);
        });
    });

    it("is what the user says, and then nothing is asked", async () => {
        process.env["MULTINET_SOURCE"] = "build";
        const build = await of("kind", "rootfs");
        assert.deepEqual(build.built, ["kind", "rootfs"]);
        assert.match(build.lines.join(), /Built from source: kind .*MULTINET_SOURCE=build/);
        process.env["MULTINET_SOURCE"] = "download";
        process.env["MULTINET_DOWNLOADS"] = "https://mirror.example/tools";
        const download = await of("kind", "rootfs");
        assert.deepEqual(download.built, ["rootfs"]);
        assert.match(download.lines.join(), /^Downloaded from mirror\.example: kind/);
        assert.deepEqual(asked, []);
    });
});
