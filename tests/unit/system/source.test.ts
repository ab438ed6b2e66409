import assert from "node:assert/strict";
import { chosenSource, mirrored } from "../../../system/source.ts";

describe("choice of the user", () => {
    it("is one of two ways, or none", () => {
        assert.equal(chosenSource({}), undefined);
        assert.equal(chosenSource({ MULTINET_SOURCE: "" }), undefined);
        assert.equal(chosenSource({ MULTINET_SOURCE: "download" }), "download");
        assert.equal(chosenSource({ MULTINET_SOURCE: "build" }), "build");
        assert.throws(
            () => chosenSource({ MULTINET_SOURCE: "Build" }),
            /MULTINET_SOURCE is "Build"\. Set it to "download" or "build"/,
        );
    });

    it("may be a mirror, which has host and path of the original below its own", () => {
        const url = "https://github.com/a/b/releases/download/v1/c";
        const at = (mirror: string) => mirrored(url, { MULTINET_DOWNLOADS: mirror });
        assert.equal(mirrored(url, {}), url);
        const there = "github.com/a/b/releases/download/v1/c";
        assert.equal(at("https://mirror.example/path/"), `https://mirror.example/path/${there}`);
        assert.equal(at("http://127.0.0.1:8080"), `http://127.0.0.1:8080/${there}`);
        for (const wrong of ["mirror.example", "/srv/mirror", "ftp://mirror.example"]) {
            assert.throws(() => at(wrong), /MULTINET_DOWNLOADS is ".*no address of a mirror/);
        }
        assert.throws(
            () => at("https://user:secret@mirror.example"),
            (error: Error) => /has a login/.test(error.message) && !/secret/.test(error.message),
        );
    });
});
