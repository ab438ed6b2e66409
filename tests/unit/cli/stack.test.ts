import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PROJECT, typedIn } from "../../../cli/project.ts";
import { chooseStack, selectedStack, selectionNotice } from "../../../cli/state/stack.ts";
import { temporaryDirectory } from "../temporary.ts";

describe("stack of a command", () => {
    it("is the one that is named, with a configuration file of that name", () => {
        const { name, reference, configFile, ownConfigFile } = chooseStack({ stack: "x" });
        assert.deepEqual([name, reference, ownConfigFile], ["x", "x", false]);
        assert.equal(configFile, join(PROJECT, "Pulumi.x.yaml"));
    });

    it("is announced when plain commands work on another one from now on", () => {
        assert.equal(selectionNotice("dev", "dev"), undefined);
        assert.match(
            selectionNotice("dev", "cilium") ?? "",
            /now work on "cilium", no longer on "dev"\. Back: pulumi stack select dev$/,
        );
    });

    it("may have its configuration elsewhere", () => {
        const { configFile, ownConfigFile } = chooseStack({ configFile: "/x/y.yaml" });
        assert.deepEqual([configFile, ownConfigFile], ["/x/y.yaml", true]);
    });

    it("reads a configuration file's path from where the command was typed", () => {
        const choice = chooseStack({ configFile: "../y.yaml" }, "/home/u/here");
        assert.equal(choice.configFile, "/home/u/y.yaml");
        const script = { INIT_CWD: "/p/docs", npm_package_json: "/p/package.json" };
        assert.equal(typedIn(script, "/p"), "/p/docs"); // npm run up
        assert.equal(typedIn(script, "/elsewhere"), "/elsewhere"); // started by an npm script of another folder
        assert.equal(typedIn({}, "/here"), "/here"); // node multinet.mjs up
    });

    it("keeps organization and project, which its configuration file does not have in its name", () => {
        const { name, reference, configFile } = chooseStack({ stack: "acme/multinet/dev" });
        assert.deepEqual([name, reference], ["dev", "acme/multinet/dev"]);
        assert.equal(configFile, join(PROJECT, "Pulumi.dev.yaml"));
    });
});

describe("selected stack", () => {
    const temporary = temporaryDirectory();
    const select = (content: string) => {
        const hash = createHash("sha1").update(join(PROJECT, "Pulumi.yaml")).digest("hex");
        mkdirSync(temporary("workspaces"), { recursive: true });
        writeFileSync(temporary("workspaces", `multinet-${hash}-workspace.json`), content);
        return selectedStack(temporary());
    };

    it("is the one of the right organization", () => {
        assert.equal(select('{"stack":"acme/multinet/dev"}'), "acme/multinet/dev");
        assert.equal(select('{"stack":"organization/multinet/cilium"}'), "cilium");
        assert.equal(select('{"stack":"dev"}'), "dev");
    });

    it("is none where Pulumi has written none, or not to the end", () => {
        assert.equal(selectedStack(temporary("nowhere")), undefined);
        for (const content of ["", "{", "{}", "null", '{"stack":3}', '{"stack":""}']) {
            assert.equal(select(content), undefined, content);
        }
    });
});
