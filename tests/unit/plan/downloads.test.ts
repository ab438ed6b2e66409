import assert from "node:assert/strict";
import {
    cniPluginsDownload,
    downloadRecipe,
    downloads,
    type Download,
} from "../../../plan/downloads.ts";
import { ARCHITECTURES, targetOf, TARGETS, type Architecture } from "../../../plan/targets.ts";
import { versions } from "../../../plan/versions.ts";

const architectures = Object.keys(ARCHITECTURES) as Architecture[];

/** All downloads of all kinds of machines, by a name. */
function all(): [name: string, source: Download][] {
    const found = Object.entries(TARGETS).flatMap(([machine, target]) => {
        const { plugins, ...programs } = downloads(target);
        return Object.entries({ ...programs, ...plugins }).map(
            ([name, source]): [string, Download] => [`${name} for ${machine}`, source],
        );
    });
    return [
        ...found,
        ...architectures.map((arch): [string, Download] => [
            `cni ${arch}`,
            cniPluginsDownload(arch),
        ]),
    ];
}

describe("targets", () => {
    it("are those that Node says this machine may be", () => {
        assert.deepEqual(targetOf("darwin", "arm64"), TARGETS["darwin-arm64"]);
        assert.equal(targetOf("win32", "x64"), undefined);
        assert.equal(targetOf("linux", "riscv64"), undefined);
    });
});

describe("downloads", () => {
    it("are another file of the same release for each kind of machine", () => {
        const urls = all().map(([, { url }]) => url);
        assert.equal(new Set(urls).size, urls.length);
        assert.equal(urls.length, 4 * 6 + 2);
    });

    it("have the names that their publishers gave them", () => {
        const { kind, kubectl, pulumi, plugins } = downloads(TARGETS["darwin-x64"]);
        assert.ok(kind.url.endsWith("/kind-darwin-amd64"));
        assert.ok(kubectl.url.endsWith("/bin/darwin/amd64/kubectl"));
        assert.ok(pulumi.url.endsWith(`/pulumi-${versions.pulumi}-darwin-x64.tar.gz`));
        assert.match(pulumi.checksums, /\/pulumi-\d/); // the list's name has no v
        const { docker } = versions.plugins;
        assert.ok(
            plugins.docker.url.endsWith(`/pulumi-resource-docker-v${docker}-darwin-amd64.tar.gz`),
        );
        assert.ok(cniPluginsDownload("arm64").url.includes("/cni-plugins-linux-arm64-"));
    });

    it("are each pinned by a sum of its own, or have the publisher's list", () => {
        const pins = all().flatMap(([name, { sha256, checksums }]) => {
            assert.ok(sha256 ?? checksums, name);
            return sha256 ?? [];
        });
        assert.equal(new Set(pins).size, pins.length);
        for (const pin of pins) {
            assert.match(pin, /^[0-9a-f]{64}$/);
        }
        const listed = all().flatMap(([name, { sha256 }]) => (sha256 ? [] : name.split(" ")[0]!));
        assert.deepEqual([...new Set(listed)].sort(), ["command", "docker", "pulumi"]);
    });

    it("stay the same artifact when a pin is added to the list", () => {
        const listed = { url: "https://a/b", checksums: "https://a/sums" };
        const pinned = { ...listed, sha256: "0".repeat(64) };
        assert.equal(downloadRecipe(pinned), downloadRecipe(listed));
        assert.notEqual(
            downloadRecipe({ url: listed.url, sha256: pinned.sha256 }),
            downloadRecipe({ url: listed.url, sha256: "1".repeat(64) }),
        );
    });
});
