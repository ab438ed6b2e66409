import assert from "node:assert/strict";
import { problems, type Machine, type Requirements } from "../../../cli/setup/preflight.ts";

describe("check before the start", () => {
    const machine: Machine = {
        platform: "linux",
        arch: "x64",
        release: 'NAME="Debian GNU/Linux"\nID=debian\n',
        root: true,
        disk: 100,
        memory: 16,
        go: "1.26.8",
    };
    const requirements: Requirements = {
        cache: "/c",
        build: true,
        asRoot: ["start an engine"],
        disk: 28,
        memory: 6,
    };

    it("has nothing against a machine that has it all", () => {
        assert.deepEqual(problems(requirements, machine), []);
        assert.deepEqual(
            problems(requirements, { ...machine, release: 'ID=pop\nID_LIKE="ubuntu debian"\n' }),
            [],
        );
        assert.deepEqual(problems(requirements, { ...machine, go: "1.24" }), []);
    });

    it("names everything that is missing at once", () => {
        const poor = {
            ...machine,
            release: "ID=fedora\n",
            root: false,
            disk: 3.14,
            memory: 1,
            go: undefined,
        };
        const found = problems(requirements, poor);
        assert.equal(found.length, 5);
        assert.match(found.join("\n"), /28 GiB of disk space are needed in \/c, 3\.1 GiB are free/);
    });

    it("does not ask for what this set-up does not take", () => {
        const easy = { ...requirements, build: false, asRoot: [] };
        assert.deepEqual(problems(easy, { ...machine, root: false, go: undefined }), []);
    });

    it("tells an old Go from none, and another machine from the right one", () => {
        assert.match(
            problems(requirements, { ...machine, go: "1.23.4" })[0]!,
            /Go 1\.23\.4 is too old/,
        );
        assert.match(
            problems(requirements, { ...machine, go: undefined })[0]!,
            /Go is not installed/,
        );
        assert.match(problems(requirements, { ...machine, arch: "arm64" })[0]!, /linux on arm64/);
    });
});
