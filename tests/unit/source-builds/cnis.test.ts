import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { cnisOf } from "../../../source-builds/cnis.ts";
import { calico } from "../../../source-builds/cnis/calico.ts";
import { cilium } from "../../../source-builds/cnis/cilium.ts";
import type { Cni } from "../../../source-builds/cnis/cni.ts";
import { stackConfig } from "../../../cli/state/stackFile.ts";
import { ArtifactRegistry } from "../../../source-builds/artifactRegistry.ts";
import { cost } from "../../../source-builds/cost.ts";
import { nodeImageParts, nodeImages } from "../../../source-builds/images/nodeImage.ts";
import { LocalImages } from "../../../cli/setup/localImages.ts";
import { ARTIFACTS } from "../../../source-builds/artifacts.ts";
import { temporaryDirectory } from "../temporary.ts";

describe("CNI plugins of a stack", () => {
    const temporary = temporaryDirectory();
    const asked = (config: string) => {
        writeFileSync(temporary("c.yaml"), config);
        return cnisOf(stackConfig(temporary("c.yaml"))).map(({ name }) => name);
    };

    it("are the primary ones of its clusters and those of its networks", () => {
        const config = (clusters: string, networks: string) =>
            `config:\n    multinet:clusters: ${clusters}\n    multinet:networks: ${networks}\n`;
        assert.deepEqual(asked(config("{ a: {}, b: }", "{ n: { type: ptp } }")), []);
        assert.deepEqual(asked(config("{ a: { primary: kindnet } }", "{}")), []);
        assert.deepEqual(asked(config("{ a: {}, b: { primary: calico } }", "{}")), ["calico"]);
        assert.deepEqual(asked(config("{ a: { primary: cilium } }", "{}")), ["cilium"]);
        assert.deepEqual(asked(config("{ a: { primary: calico } }", "{ n: { type: cilium } }")), [
            "calico",
            "cilium",
        ]);
    });

    it("are read from maps that were written as JSON as well", () => {
        assert.deepEqual(
            asked(`config:\n    multinet:clusters: '{"a": {"primary": "calico"}}'\n`),
            ["calico"],
        );
    });

    it("are none where the configuration makes no sense: its faults are the preview's to name", () => {
        assert.deepEqual(cnisOf(stackConfig(temporary("none.yaml"))), []);
        for (const text of [
            "",
            "config:\n",
            "config:\n    multinet:clusters: 7\n    multinet:networks: '{'\n",
            "config:\n    multinet:networks: [a, null]\n",
            "config:\n    other:clusters: { a: { primary: calico } }\n",
        ]) {
            assert.deepEqual(asked(text), [], text);
        }
    });
});

describe("a configuration file that is no YAML", () => {
    const temporary = temporaryDirectory();

    it("is named, with the place of the error", () => {
        writeFileSync(temporary("c.yaml"), "config:\n  a: [1\n  b: {");
        assert.throws(
            () => cnisOf(stackConfig(temporary("c.yaml"))),
            /c\.yaml cannot be read: .* at line \d/s,
        );
    });
});

describe("images made for a stack", () => {
    const temporary = temporaryDirectory();
    const dir = (artifact: string) => temporary("cache", artifact);
    const make = (...wanted: Cni[]) => {
        const images = new LocalImages(temporary("own"), "demo");
        for (const part of nodeImageParts(wanted)) {
            mkdirSync(dir(part), { recursive: true });
        }
        images.write(nodeImages(dir, wanted));
        return images;
    };

    it("are named in a file of the stack's own", () => {
        const images = make(calico);
        assert.equal(images.file, temporary("own", "images", "demo.json"));
        assert.equal(
            new LocalImages(temporary("own"), "organization/multinet/demo").file,
            images.file,
        );
    });

    it("are for what it asks for", () => {
        const images = new LocalImages(temporary("own"), "demo");
        assert.deepEqual(images.cnis([], dir), []);
        assert.deepEqual(images.cnis([cilium], dir), [cilium]);
        assert.deepEqual(make().cnis([calico], dir), [calico]);
        assert.deepEqual(make(calico).cnis([calico, cilium], dir), [calico, cilium]);
        assert.deepEqual(make(calico).cnis([cilium], dir), [cilium]);
    });

    it("keep what it no longer asks for, so that its nodes can stay", () => {
        const images = make(calico, cilium);
        assert.deepEqual(images.cnis([calico], dir), [calico, cilium]);
        assert.deepEqual(images.cnis([], dir), [calico, cilium]);
    });

    it("keep nothing where another image would be made all the same", () => {
        const images = make(calico, cilium);
        const changed = (artifact: string) => `${dir(artifact)}-changed`;
        assert.deepEqual(images.cnis([calico], changed), [calico]);
        mkdirSync(dirname(images.file), { recursive: true });
        writeFileSync(images.file, JSON.stringify({ node: "other", charts: { cilium: "/x" } }));
        assert.deepEqual(images.cnis([], dir), []);
    });
});

describe("cost of making artifacts", () => {
    const registry = new ArtifactRegistry(ARTIFACTS);

    it("is known for all that are made here", () => {
        const made = ARTIFACTS.filter(({ name }) => !/-(docker|command)$/.test(name));
        for (const artifact of made) {
            assert.ok(cost([artifact]).minutes > 0, artifact.name);
        }
    });

    it("is that of clusters alone when nothing is missing", () => {
        assert.deepEqual(cost([]), { build: false, disk: 4, minutes: 0 });
    });

    it("grows with the CNI plugins that are asked for", () => {
        const all = (parts: string[]) =>
            cost(registry.inOrder(["kind", "kubectl", "pulumi", ...parts]));
        const without = all(nodeImageParts([]));
        const withBoth = all(nodeImageParts([calico, cilium]));
        assert.deepEqual(without, { build: true, disk: 29, minutes: 46 });
        assert.deepEqual(
            [withBoth.disk, withBoth.minutes],
            [without.disk + 12, without.minutes + 25],
        );
    });

    it("is no build for images alone", () => {
        const { build, disk } = cost(
            ["rootfs-cni", "image-store-cilium"].map((name) => registry.get(name)),
        );
        assert.deepEqual([build, disk], [false, 8]);
    });
});
