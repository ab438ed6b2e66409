import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { closingLine, sum } from "../../../cli/counts.ts";
import { isInstalled, lockName } from "../../../cli/setup/dependencies.ts";
import { lacksCapability } from "../../../cli/setup/engine.ts";
import { namesItsImages } from "../../../cli/setup/imageSource.ts";
import { raiseInotifyLimit } from "../../../cli/setup/inotify.ts";
import { foundOnPath } from "../../../cli/setup/onPath.ts";
import { PROJECT } from "../../../cli/project.ts";
import { proven } from "../../../cli/commands/test.ts";
import { matrix } from "../../../cli/commands/verify.ts";
import { table } from "../../../cli/table.ts";
import { versions } from "../../../plan/versions.ts";
import { temporaryDirectory } from "../temporary.ts";

describe("programs on PATH", () => {
    const temporary = temporaryDirectory();

    it("are used at the pinned version only, and with all that belongs to them", async () => {
        const program = (name: string, says: string) => {
            writeFileSync(temporary(name), `#!/bin/sh\necho "${says}"\n`);
            chmodSync(temporary(name), 0o755);
        };
        program("kind", `kind ${versions.kind} go1.24 linux/amd64`);
        program("kubectl", "Client Version: v1.0.0");
        program("pulumi", versions.pulumi);
        const found = () => foundOnPath(["/nonexistent", temporary()]);
        assert.deepEqual([...(await found())], ["kind"]);
        program("pulumi-language-nodejs", "");
        assert.deepEqual([...(await found())], ["kind", "pulumi"]);
    });
});

describe("pinned versions", () => {
    it("agree with the packages that the program is written against", () => {
        const { dependencies } = JSON.parse(
            readFileSync(join(PROJECT, "package.json"), "utf8"),
        ) as {
            dependencies: Record<string, string>;
        };
        assert.equal(`v${dependencies["@pulumi/pulumi"]}`, versions.pulumi);
        for (const [name, version] of Object.entries(versions.plugins)) {
            assert.equal(dependencies[`@pulumi/${name}`], version);
        }
    });
});

describe("npm packages", () => {
    const temporary = temporaryDirectory();

    it("are those of the lockfile, or not", () => {
        const write = (file: string, packages: object) =>
            writeFileSync(temporary(file), JSON.stringify({ packages }));
        const wanted = {
            "": {},
            "node_modules/a": { version: "1" },
            "node_modules/b": { version: "1", optional: true },
        };
        mkdirSync(temporary("node_modules"));
        write("package-lock.json", wanted);
        const installed = "node_modules/.package-lock.json";
        assert.equal(isInstalled(temporary()), false);
        write(installed, { "node_modules/a": { version: "1" } });
        assert.equal(isInstalled(temporary()), true);
        write(installed, { "node_modules/a": { version: "2" } });
        assert.equal(isInstalled(temporary()), false);
        write(installed, {
            "node_modules/a": { version: "1" },
            "node_modules/c": { version: "1" },
        });
        assert.equal(isInstalled(temporary()), false);
    });

    it("have a lock of their own for each project, however long its path", () => {
        const names = ["/a/b", "/a-b", `/${"long/".repeat(800)}`].map(lockName);
        assert.equal(new Set(names).size, names.length);
        for (const name of names) {
            assert.match(name, /^npm-[0-9a-f]{16}$/);
        }
    });
});

describe("this machine", () => {
    const temporary = temporaryDirectory();

    it("is seen to lack a capability", () => {
        assert.equal(lacksCapability("CapBnd:\t000001ffffffffff\n"), false);
        assert.equal(lacksCapability("CapBnd:\t000001fffeffffff\n"), true);
    });

    it("gets room for more watches when it has little", () => {
        const file = temporary("limit");
        writeFileSync(file, "128\n");
        assert.match(raiseInotifyLimit(file)!, /from 128 to 512/);
        assert.equal(readFileSync(file, "utf8"), "512");
        assert.equal(raiseInotifyLimit(file), undefined);
    });
});

describe("images of a stack", () => {
    const temporary = temporaryDirectory();

    it("are not made here when its configuration names all of them or a mirror", () => {
        const names = (images: string) => {
            writeFileSync(temporary("c.yaml"), `config:\n    multinet:images: ${images}\n`);
            return namesItsImages(temporary("c.yaml"));
        };
        assert.equal(names("{ mirror: registry.example }"), true);
        assert.equal(names("{ node: a, multus: b, toolbox: c }"), true);
        assert.equal(names("{ node: a }"), false);
        assert.equal(names("{}"), false);
        assert.equal(namesItsImages(temporary("none.yaml")), false);
    });
});

describe("results", () => {
    it("are added up and closed with one line", () => {
        const total = sum([
            { passed: 3, failed: [], skipped: 1 },
            { passed: 2, failed: ["a test: why"], skipped: 0 },
        ]);
        assert.deepEqual(total.failed, ["a test: why"]);
        assert.equal(closingLine(total), "5 passed, 1 failed, 1 skipped");
    });

    it("of real clusters need all tests, or at least one where only quick ones are wanted", () => {
        const some = { passed: 3, failed: ["a test: why"], skipped: 2 };
        assert.deepEqual(proven("e2e", some, true), some);
        const all = proven("e2e", some, false);
        assert.equal(closingLine(all), "3 passed, 3 failed, 0 skipped");
        const none = { passed: 0, failed: [], skipped: 2 };
        for (const quick of [true, false]) {
            assert.equal(proven("e2e", none, quick).failed.length, 1);
        }
    });

    it("of the matrix have a column for each protocol that was measured", () => {
        const cell = { from: "a", to: "b", network: "n", expected: "", seen: "", hop: "" };
        const lines = matrix([
            { ...cell, protocol: "large", ok: false },
            { ...cell, protocol: "icmp", ok: true },
        ]).split("\n");
        assert.match(lines[0]!, /^from +to +network +icmp +large$/);
        assert.match(lines[1]!, /^a +b +n +ok +RED$/);
    });

    it("line up in a table", () => {
        assert.equal(
            table([
                ["a", "b"],
                ["long", ""],
                ["x", "y"],
            ]),
            "a     b\nlong\nx     y",
        );
    });
});
