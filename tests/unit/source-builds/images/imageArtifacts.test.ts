import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ArtifactRegistry } from "../../../../source-builds/artifactRegistry.ts";
import { CNIS } from "../../../../source-builds/cnis.ts";
import { calico } from "../../../../source-builds/cnis/calico.ts";
import { cilium } from "../../../../source-builds/cnis/cilium.ts";
import type { Cni } from "../../../../source-builds/cnis/cni.ts";
import { KINDNET_IMAGE } from "../../../../source-builds/images/components.ts";
import { nodeImageParts, nodeImages } from "../../../../source-builds/images/nodeImage.ts";
import { IMAGE_ARTIFACTS } from "../../../../source-builds/images/imageArtifacts.ts";

describe("image artifacts", () => {
    const registry = new ArtifactRegistry([
        ...IMAGE_ARTIFACTS,
        ...CNIS.map(({ chart }) => chart.artifact),
    ]);
    const images = import.meta
        .resolve("../../../../source-builds/images/manifests/default-cni.yaml");
    const sets: Cni[][] = [[], [calico], [cilium], [calico, cilium]];
    const directory = (artifact: string) => join("/cache", registry.key(artifact));
    const needed = (wanted: Cni[]) =>
        registry.inOrder(nodeImageParts(wanted)).map(({ name }) => name);

    it("are all needed for one of the node images, and complete", () => {
        const names = new Set(sets.flatMap(needed));
        assert.deepEqual([...names].sort(), IMAGE_ARTIFACTS.map(({ name }) => name).sort());
    });

    it("are made for a CNI plugin only where it is asked for", () => {
        const artifacts = (wanted: Cni[]) =>
            needed(wanted).filter((name) => !needed([]).includes(name));
        assert.deepEqual(artifacts([calico]), [
            "rootfs-cni",
            "calico",
            "tigera-operator",
            "calico-files",
            "image-store-calico",
        ]);
        assert.deepEqual(artifacts([cilium]), [
            "rootfs-cni",
            "cilium",
            "cilium-files",
            "image-store-cilium",
        ]);
        assert.ok(needed([]).every((name) => !/calico|cilium|operator|cni$/.test(name)));
    });

    it("give the node image another tag when one of them changes", () => {
        for (const wanted of sets) {
            const { node, multus, toolbox } = nodeImages(directory, wanted);
            assert.match(node, /^multinet\.local\/kindest-node:v1\.34\.4-[0-9a-f]{12}$/);
            assert.equal(multus, "multinet.local/multus:v4.2.4");
            assert.equal(toolbox, "multinet.local/toolbox:1");
            for (const part of nodeImageParts(wanted)) {
                const changed = nodeImages(
                    (artifact) =>
                        artifact === part ? `${directory(artifact)}x` : directory(artifact),
                    wanted,
                );
                assert.notEqual(changed.node, node, part);
            }
        }
    });

    it("make another node image, with its charts, for each set of CNI plugins", () => {
        const all = sets.map((wanted) => nodeImages(directory, wanted));
        assert.equal(new Set(all.map(({ node }) => node)).size, sets.length);
        const [none, one, , both] = all;
        assert.ok(!("charts" in none!));
        assert.deepEqual(Object.keys(one!.charts!), ["calico"]);
        assert.match(
            both!.charts!.calico!,
            /^\/cache\/calico-chart-v3\.31\.0-\w+\/tigera-operator$/,
        );
        assert.match(both!.charts!.cilium!, /^\/cache\/cilium-chart-v1\.18\.6-\w+\/cilium$/);
    });

    it("start the default CNI from the image that is in the node", () => {
        const manifest = readFileSync(new URL(images), "utf8");
        assert.ok(manifest.includes(`image: ${KINDNET_IMAGE}\n`));
        for (const marker of ["template", "patch"]) {
            assert.ok(manifest.includes(`# would you kindly ${marker} this file\n`));
        }
    });
});
