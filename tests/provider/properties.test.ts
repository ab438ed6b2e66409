import assert from "node:assert/strict";
import fc from "fast-check";
import { decode, encode, hasUnknown } from "../../provider/rpc/properties.ts";
import { equal } from "../../provider/equal.ts";
import { parseBytes } from "../../provider/kind/spec.ts";
import type { Properties } from "../../provider/resource.ts";

const value = fc.jsonValue({ noUnicodeString: false, maxDepth: 4 });
const properties = fc.dictionary(fc.string(), value, { maxKeys: 6 }) as fc.Arbitrary<Properties>;

describe("properties on the wire", () => {
    it("come back as they were, and the marked ones as secrets", () => {
        fc.assert(
            fc.property(properties, fc.array(fc.string()), (before, more) => {
                // No map of google-protobuf can hold this name; no resource has a property of it.
                fc.pre(!JSON.stringify(before).includes('"__proto__":'));
                const secrets = [...Object.keys(before).slice(0, 2), ...more];
                const after = decode(encode(before, secrets));
                assert.ok(equal(after.properties, before));
                assert.deepEqual(
                    [...after.secrets].sort(),
                    Object.keys(before)
                        .filter((name) => secrets.includes(name))
                        .sort(),
                );
                assert.ok(!hasUnknown(after.properties));
            }),
        );
    });
});

describe("a size in bytes", () => {
    for (const [size, bytes] of [
        ["4GiB", 2 ** 32],
        ["512Mi", 2 ** 29],
        ["2G", 2e9],
        ["1.5GiB", 1.5 * 2 ** 30],
        ["1000000", 1e6],
        ["", undefined],
        ["4 apples", undefined],
        ["-1GiB", undefined],
        ["GiB", undefined],
    ] as const) {
        it(`of "${size}" is ${bytes}`, () => {
            assert.equal(parseBytes(size), bytes);
        });
    }
});
