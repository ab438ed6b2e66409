import assert from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import { backendFolder, backendUrl } from "../../../cli/state/backend.ts";
import { PROJECT } from "../../../cli/project.ts";

describe("file backend", () => {
    const segment = fc
        .oneof(
            fc.constantFrom(
                "c#",
                "what?",
                "100%",
                "%23",
                "a b",
                "ü",
                "日本",
                "~x",
                "a&b=c",
                "a\\b",
            ),
            fc.string({ unit: "grapheme", minLength: 1, maxLength: 8 }),
        )
        .map((text) => text.replaceAll(/[/\0]/g, "-"))
        .filter((text) => text !== "." && text !== "..");

    it("is found again by its address, whatever is in its path", () => {
        fc.assert(
            fc.property(fc.array(segment, { minLength: 1, maxLength: 4 }), (segments) => {
                const folder = `/${segments.join("/")}`;
                const url = backendUrl(folder);
                assert.equal(backendFolder(url), folder);
                // What Pulumi makes of it: it cuts the text at "?" and then parses it as a URL.
                const [path = "", query] = url.split("?");
                assert.ok(!/[#\s]/.test(path), url);
                assert.equal(query, "metadata=skip");
                assert.equal(decodeURIComponent(new URL(url).pathname), folder);
            }),
        );
    });

    it("has the plain address of a plain path, and no files of attributes that a kill could tear", () => {
        const url = "file:///home/u/multinet/state?metadata=skip";
        assert.equal(backendUrl("/home/u/multinet/state"), url);
    });

    it("is read as Pulumi reads it where a user has written it", () => {
        assert.equal(backendFolder("file://~", "/home/u"), "/home/u");
        assert.equal(backendFolder("file://~/s", "/home/u"), "/home/u/s");
        assert.equal(backendFolder("file:///a%20b?no_tmp_dir=true"), "/a b");
        assert.equal(backendFolder("file:///a#b"), "/a");
        assert.equal(backendFolder("file://./state"), join(PROJECT, "state"));
        assert.equal(backendFolder("file:///50%/x"), "/50%/x");
    });

    it("is no other backend", () => {
        for (const url of [undefined, "", "s3://bucket", "https://api.pulumi.com"]) {
            assert.equal(backendFolder(url), undefined);
        }
    });
});
