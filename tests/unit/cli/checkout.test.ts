import assert from "node:assert/strict";
import {
    cpSync,
    mkdirSync,
    readFileSync,
    renameSync,
    rmSync,
    symlinkSync,
    writeFileSync,
} from "node:fs";
import { claimCheckout } from "../../../cli/checkout.ts";
import { temporaryDirectory } from "../temporary.ts";

describe("a checkout with its state", () => {
    const temporary = temporaryDirectory();
    const claim = (name: string) => claimCheckout(temporary(name, ".multinet"));
    const noted = (name: string) =>
        JSON.parse(readFileSync(temporary(name, ".multinet/checkout.json"), "utf8")) as {
            id: string;
            folder: string;
        };

    it("is noted once, and keeps its identity when it is moved", () => {
        claim("a");
        const first = noted("a");
        claim("a");
        assert.deepEqual(noted("a"), first);
        renameSync(temporary("a"), temporary("b"));
        claim("b");
        assert.deepEqual(noted("b"), { id: first.id, folder: temporary("b/.multinet") });
    });

    it("is refused as a copy while the original is there", () => {
        claim("a");
        cpSync(temporary("a"), temporary("b"), { recursive: true });
        assert.throws(
            () => claim("b"),
            (error: Error) => {
                assert.ok(error.message.includes(`is a copy of ${temporary("a")},`), error.message);
                assert.ok(error.message.includes(`rm ${temporary("a/.multinet/checkout.json")}`));
                return true;
            },
        );
        claim("a");
    });

    it("is another one as soon as the user has chosen, either way", () => {
        claim("a");
        cpSync(temporary("a"), temporary("b"), { recursive: true });
        rmSync(temporary("b/.multinet/checkout.json"));
        claim("b");
        assert.notEqual(noted("b").id, noted("a").id);
        cpSync(temporary("a"), temporary("c"), { recursive: true });
        rmSync(temporary("a/.multinet/checkout.json"));
        claim("c");
    });

    it("is the same by any path", () => {
        mkdirSync(temporary("real"));
        symlinkSync("real", temporary("link"));
        claim("real");
        claim("link");
        assert.equal(noted("link").folder, temporary("real/.multinet"));
    });

    it("is noted anew where the note is damaged", () => {
        mkdirSync(temporary("a/.multinet"), { recursive: true });
        for (const content of ["", "{", "null", "[]", '{"id":1}']) {
            writeFileSync(temporary("a/.multinet/checkout.json"), content);
            claim("a");
            assert.equal(noted("a").folder, temporary("a/.multinet"));
        }
    });
});
