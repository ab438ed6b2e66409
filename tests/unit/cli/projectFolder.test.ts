import assert from "node:assert/strict";
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { checkProjectFolder } from "../../../cli/projectFolder.ts";
import { temporaryDirectory } from "../temporary.ts";

describe("folder of the project", () => {
    const temporary = temporaryDirectory();
    const me = () => {
        const { uid, gid } = statSync(temporary());
        return { uid, gid };
    };
    /** Somebody else, to whom what this test has made is another user's. */
    const other = { uid: 12345, gid: 12345 };

    it("may have any path that an engine can mount", () => {
        checkProjectFolder("/home/ü/c# 100%/what?/it's");
        for (const path of ["/home/a:b", "/home/a\nb"]) {
            assert.throws(() => checkProjectFolder(path), /cannot mount.*Move it/);
        }
    });

    it("is refused to a user when another one has written there, with the way out", () => {
        mkdirSync(temporary("it's/.multinet/state"), { recursive: true });
        mkdirSync(temporary("it's/node_modules"));
        writeFileSync(temporary("it's/.multinet/state/dev.json"), "");
        checkProjectFolder(temporary("it's"), me());
        assert.throws(
            () => checkProjectFolder(temporary("it's"), other),
            (error: Error) => {
                assert.match(error.message, /root after a run with sudo.*it's\/\.multinet, /);
                assert.match(
                    error.message,
                    /it'\\''s' && sudo chown -hR 12345:12345 \.multinet node_modules\)$/,
                );
                return true;
            },
        );
    });

    it("is never refused to root, who may have to do some of it", () => {
        mkdirSync(temporary(".multinet"));
        checkProjectFolder(temporary(), { uid: 0, gid: 0 });
        checkProjectFolder(temporary("new"), other);
    });
});
