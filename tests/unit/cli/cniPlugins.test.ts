import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { linkCniPlugins } from "../../../cli/setup/cniPlugins.ts";
import { GO_ARTIFACTS } from "../../../source-builds/images/goArtifacts.ts";
import { cniPluginsDownload } from "../../../plan/downloads.ts";
import { versions } from "../../../plan/versions.ts";
import { temporaryDirectory } from "../temporary.ts";

describe("folder with CNI plugins", () => {
    const temporary = temporaryDirectory();
    const link = (directory: string) => {
        linkCniPlugins(temporary(), directory);
        assert.deepEqual(readdirSync(temporary()), ["cni-plugins"]);
        return readlinkSync(temporary("cni-plugins"));
    };

    it("leads to the artifact, also when that is another one", () => {
        assert.equal(link("/cache/one"), "/cache/one");
        assert.equal(link("/cache/one"), "/cache/one");
        assert.equal(link("/cache/two"), "/cache/two");
    });

    it("takes the place of the empty one that a container engine makes", () => {
        mkdirSync(temporary("cni-plugins"));
        assert.equal(link("/cache/one"), "/cache/one");
    });

    it("takes the place of nothing that has content", () => {
        mkdirSync(temporary("cni-plugins"));
        writeFileSync(temporary("cni-plugins", "mine"), "");
        assert.throws(() => linkCniPlugins(temporary(), "/cache/one"), /ENOTEMPTY/);
    });
});

describe("CNI plugins", () => {
    it("are downloaded and built in the same version", () => {
        const module = new URL("../../../source-builds/modules/cni/go.mod", import.meta.url);
        const required = `require github.com/containernetworking/plugins ${versions.cniPlugins}\n`;
        assert.ok(readFileSync(module, "utf8").includes(required));
        const { url, checksums } = cniPluginsDownload("x64");
        assert.ok(url.endsWith(`/cni-plugins-linux-amd64-${versions.cniPlugins}.tgz`));
        assert.equal(checksums, `${url}.sha256`);
    });

    it("are the only programs for nodes that have an official download", () => {
        const downloaded = GO_ARTIFACTS.filter((artifact) =>
            artifact.recipe().join().includes("/releases/download/"),
        );
        assert.deepEqual(
            downloaded.map(({ name }) => name),
            ["cni-plugins"],
        );
    });
});
