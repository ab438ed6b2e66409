import assert from "node:assert/strict";
import {
    bridgeDevice,
    bridgeName,
    hash,
    kindName,
    multicastGroup,
    nodeName,
    trailingNumber,
} from "../../../plan/names.ts";

const LONG = "a-project-with-quite-a-long-name-that-somebody-chose-one-day";

describe("names", () => {
    it("are project, stack and cluster when these fit", () => {
        const owner = { project: "multinet", stack: "dev" };
        assert.equal(bridgeName(owner), "multinet-dev");
        assert.equal(kindName(owner, "edge1"), "multinet-dev-edge1");
    });

    it("of nodes are those that kind gives", () => {
        assert.deepEqual(
            [1, 2, 3, 4].map((ordinal) => nodeName("k", ordinal)),
            ["k-control-plane", "k-worker", "k-worker2", "k-worker3"],
        );
    });

    it("are shortened by a hash of project and stack, the cluster's name whole", () => {
        const name = kindName({ project: LONG, stack: "dev" }, "edge1");
        assert.match(name, /^a-project-with-.*-[0-9a-f]{8}-edge1$/);
        assert.equal(nodeName(name, 1).length, 63);
        assert.notEqual(name, kindName({ project: LONG, stack: "test" }, "edge1"));
        assert.equal(bridgeName({ project: LONG, stack: "dev" }).length, 63);
    });

    it("that are no host names are cleaned, and still told apart", () => {
        const [upper, lower, dotted] = ["Dev", "dev", "d.v"].map((stack) =>
            kindName({ project: "p", stack }, "e1"),
        );
        assert.match(upper!, /^p-dev-[0-9a-f]{8}-e1$/);
        assert.equal(lower, "p-dev-e1");
        assert.match(dotted!, /^p-d-v-[0-9a-f]{8}-e1$/);
        assert.match(kindName({ project: "__", stack: "" }, "e1"), /^[0-9a-f]{8}-e1$/);
    });

    it("give an index only by a number at the end", () => {
        assert.deepEqual(
            ["edge1", "edge-07", "e2e10", "edge", "1edge", "9".repeat(30)].map(trailingNumber),
            [1, 7, 10, undefined, undefined, 1e30],
        );
    });

    it("of bridges on the nodes have at most 15 characters, and none is that of another network", () => {
        assert.equal(bridgeDevice("local"), "br-local");
        assert.equal(bridgeDevice("twelve-chars"), "br-twelve-chars");
        const [one, other] = ["thirteen-char", "thirteen-chap"].map(bridgeDevice);
        assert.match(one!, /^br_thi_[0-9a-f]{8}$/);
        assert.notEqual(one, other);
        assert.equal(one!.length, 15);
    });

    it("give multicast groups of 239.192.0.0/14", () => {
        const groups = Array.from({ length: 1000 }, (_, i) => multicastGroup(`n${i}`));
        for (const group of groups) {
            assert.match(group, /^239\.19[2-5](\.(\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])){2}$/);
        }
        assert.ok(new Set(groups).size > 990);
        assert.equal(multicastGroup("lan"), "239.192.119.229");
    });

    it("are hashed the same for ever", () => {
        assert.equal(hash("multinet", "dev").toString(16), "58e1f3a6");
        assert.notEqual(hash("ab", "c"), hash("a", "bc"));
    });
});
