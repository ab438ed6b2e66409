import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { buffer } from "node:stream/consumers";
import { type Image, archive } from "../../../../source-builds/images/archive.ts";
import { Layer } from "../../../../source-builds/images/layer.ts";

const image = (name: string, text: string): Image => ({
    name,
    layer: new Layer().text("/program", text, 0o755),
    entrypoint: ["/program"],
    environment: ["A=b"],
    stopSignal: "SIGRTMIN+3",
    user: "10001:10001",
});

describe("archive", () => {
    const images = [image("multinet.local/one:1", "one"), image("multinet.local/two:2", "two")];
    const member = (bytes: Buffer, name: string) =>
        execFileSync("tar", ["-xOf", "-", name], { input: bytes });

    it("describes each image by the digests of what is in it", async () => {
        const bytes = await buffer(archive(images));
        const manifest = JSON.parse(member(bytes, "manifest.json").toString()) as {
            Config: string;
            RepoTags: string[];
            Layers: [string];
        }[];
        assert.deepEqual(
            manifest.map(({ RepoTags }) => RepoTags),
            [["multinet.local/one:1"], ["multinet.local/two:2"]],
        );
        for (const { Config, Layers } of manifest) {
            const config = member(bytes, Config);
            assert.equal(`${sha256(config)}.json`, Config);
            const parsed = JSON.parse(config.toString()) as {
                config: {
                    Entrypoint: string[];
                    Env: string[];
                    StopSignal: string;
                    User: string;
                    Cmd?: unknown;
                };
                rootfs: { diff_ids: string[] };
            };
            assert.deepEqual(parsed.rootfs.diff_ids, [
                `sha256:${sha256(member(bytes, Layers[0]))}`,
            ]);
            assert.deepEqual(parsed.config.Entrypoint, ["/program"]);
            assert.equal(parsed.config.Env[1], "A=b");
            assert.equal(parsed.config.StopSignal, "SIGRTMIN+3");
            assert.equal(parsed.config.User, "10001:10001");
            assert.ok(!("Cmd" in parsed.config));
        }
    });

    it("gives equal bytes for equal images", async () => {
        const [first, second] = await Promise.all([
            buffer(archive(images)),
            buffer(archive([image("multinet.local/one:1", "one"), images[1]!])),
        ]);
        assert.ok(first.equals(second));
    });
});

function sha256(bytes: Buffer): string {
    return createHash("sha256").update(bytes).digest("hex");
}
