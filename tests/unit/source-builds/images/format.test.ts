import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { archive, ARCHIVE_FORMAT } from "../../../../source-builds/images/archive.ts";
import { CNIS } from "../../../../source-builds/cnis.ts";
import { Layer } from "../../../../source-builds/images/layer.ts";
import { baseSpec, edit, nodeFiles } from "../../../../source-builds/images/nodeFiles.ts";
import { nodeLayer, NODE_LAYER_RECIPE } from "../../../../source-builds/images/nodeLayer.ts";
import { preloaded } from "../../../../source-builds/images/preloaded.ts";
import type { Entry } from "../../../../system/tar.ts";
import { versions } from "../../../../plan/versions.ts";
import { ImageFixture } from "./imageFixture.ts";

/** What a recipe made of the fixture when it was last looked at. */
interface Recorded {
    recipe: string;
    output: string;
}

const FILE = join(import.meta.dirname, "formats.json");

/**
 * Code is not part of a recipe, or a comment would replace every node. So whoever changes what the code makes must raise
 * the number in its recipe, and this test reminds of it.
 */
describe("formats of what images are made of", () => {
    const fixture = new ImageFixture();
    const recorded = JSON.parse(readFileSync(FILE, "utf8")) as Record<string, Recorded>;
    const found: Record<string, Recorded> = {};

    after(() => {
        if (process.env["RECORD_FORMATS"]) {
            writeFileSync(FILE, `${JSON.stringify(found, null, 4)}\n`);
        }
    });

    const digest = (value: unknown) =>
        createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 16);

    function compare(name: string, recipe: unknown, output: unknown): void {
        const now = { recipe: digest([recipe, versions]), output: digest(output) };
        found[name] = now;
        if (process.env["RECORD_FORMATS"]) {
            return;
        }
        assert.ok(
            now.recipe !== recorded[name]?.recipe || now.output === recorded[name].output,
            `The code makes something else of the same recipe (${name}), so what is in caches would be taken for it: ` +
                "raise the number in the recipe of the file that was changed, in source-builds/images or source-builds/cnis.",
        );
        assert.deepEqual(now, recorded[name], "Another recipe: RECORD_FORMATS=1 npm run test:unit");
    }

    /** Paths and contents of a layer, by whoever the test is run. */
    const contents = (layer: Layer) =>
        layer.sorted().map(([path, entry]) => [path, { ...entry, ...owner(entry) }, text(entry)]);
    const owner = ({ uid, gid }: Entry) => ({
        uid: uid === process.getuid?.() ? 0 : uid,
        gid: gid === process.getgid?.() ? 0 : gid,
        from: undefined,
    });
    const text = (entry: Entry) => {
        if (entry.kind !== "file" || typeof entry.from === "function") {
            return undefined;
        }
        return typeof entry.from === "string"
            ? readFileSync(entry.from, "utf8")
            : entry.from.toString();
    };

    it("are those of the images in a node", () => {
        const content = preloaded(CNIS);
        const output = content.images(fixture.dir).map((image) => ({
            ...image,
            layer: contents(image.layer),
        }));
        compare("preloaded", content.recipe, output);
    });

    it("are those of a node", () => {
        const layer = nodeLayer(fixture.dir, []);
        compare("node", NODE_LAYER_RECIPE, contents(layer));
    });

    it("are those of kind's files", () => {
        const config = 'sandbox_image = "x"\nrestrict_oom_score_adj = false\n';
        const output = [edit(config), baseSpec('{"process":{"rlimits":[],"user":{}}}')];
        compare("node-files", nodeFiles.recipe(), output);
    });

    it("are those of archives", async () => {
        const layer = new Layer()
            .text("/a/file", "text")
            .link("/a/link", "file")
            .directory("/tmp", 0o1777)
            .text(`/${"long".repeat(40)}`, "x", 0o755);
        const bytes = await buffer(
            archive([{ name: "n:1", layer, entrypoint: ["/a"], user: "1" }]),
        );
        compare("archive", ARCHIVE_FORMAT, bytes.toString("hex"));
    });
});
