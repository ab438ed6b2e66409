import assert from "node:assert/strict";
import { chownSync, mkdirSync, statSync, writeFileSync } from "node:fs";
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

    const cache = () => temporary("cache");

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
        checkProjectFolder(temporary("it's"), cache(), me());
        assert.throws(
            () => checkProjectFolder(temporary("it's"), cache(), other),
            (error: Error) => {
                assert.match(error.message, /root after a run with sudo.*it's\/\.multinet, /);
                assert.match(
                    error.message,
                    /without sudo:\n {2}sudo chown -hR 12345:12345 '\S+it'\\''s\/\.multinet' '\S+it'\\''s\/node_modules'$/,
                );
                return true;
            },
        );
    });

    it("is refused when another user owns some of the cache, whose path is named alone", () => {
        mkdirSync(temporary(".multinet"));
        mkdirSync(temporary("cache/pieces/kind"), { recursive: true });
        mkdirSync(temporary("cache/go/deep/down"), { recursive: true });
        checkProjectFolder(temporary(), cache(), me());
        const isRoot = me().uid === 0;
        if (!isRoot) {
            return; // only root can give files away
        }
        chownSync(temporary("cache/go/deep/down"), 12345, 12345);
        const owner = { uid: 12345, gid: 12345 };
        for (const path of [".multinet", "cache", "cache/pieces", "cache/go", "cache/go/deep"]) {
            chownSync(temporary(path), owner.uid, owner.gid);
        }
        assert.throws(
            () => checkProjectFolder(temporary(), cache(), owner),
            (error: Error) => {
                assert.match(error.message, /write: \S+\/cache\/pieces\/kind\. Take/);
                assert.match(error.message, /chown -hR 12345:12345 \S+\/cache$/);
                return true;
            },
        );
    });

    it("never has anybody take a folder that is no cache of multinet, whatever MULTINET_CACHE names", () => {
        const { MULTINET_CACHE: before } = process.env;
        try {
            for (const folder of ["/", "/tmp", "/usr"]) {
                process.env["MULTINET_CACHE"] = folder;
                checkProjectFolder(temporary(), undefined, other);
            }
        } finally {
            process.env["MULTINET_CACHE"] = before;
            if (before === undefined) {
                delete process.env["MULTINET_CACHE"];
            }
        }
    });

    it("is never refused to root, who may have to do some of it", () => {
        mkdirSync(temporary(".multinet"));
        checkProjectFolder(temporary(), cache(), { uid: 0, gid: 0 });
        checkProjectFolder(temporary("new"), cache(), other);
    });
});
