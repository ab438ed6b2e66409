import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Catalogue } from "../../../toolchain/catalogue.ts";
import { kindnetImage } from "../../../toolchain/images/components.ts";
import { nodeImageParts, nodeImages } from "../../../toolchain/images/nodeImage.ts";
import { imagePieces } from "../../../toolchain/images/pieces.ts";

describe("image pieces", () => {
    const catalogue = new Catalogue(imagePieces);
    const images = import.meta.resolve("../../../toolchain/images/manifests/default-cni.yaml");

    it("are all needed for the node image, and complete", () => {
        const names = catalogue.inOrder(nodeImageParts).map(({ name }) => name);
        assert.deepEqual(names.toSorted(), imagePieces.map(({ name }) => name).toSorted());
    });

    it("give the node image another tag when one of them changes", () => {
        const directory = (piece: string) => join("/cache", catalogue.key(piece));
        const { node, multus, toolbox } = nodeImages(directory);
        assert.match(node, /^multinet\.local\/kindest-node:v1\.34\.4-[0-9a-f]{12}$/);
        assert.equal(multus, "multinet.local/multus:v4.2.4");
        assert.equal(toolbox, "multinet.local/toolbox:1");
        for (const part of nodeImageParts) {
            const changed = nodeImages((piece) =>
                piece === part ? `${directory(piece)}x` : directory(piece),
            );
            assert.notEqual(changed.node, node, part);
        }
    });

    it("start the default CNI from the image that is in the node", () => {
        const manifest = readFileSync(new URL(images), "utf8");
        assert.ok(manifest.includes(`image: ${kindnetImage}\n`));
        for (const marker of ["template", "patch"]) {
            assert.ok(manifest.includes(`# would you kindly ${marker} this file\n`));
        }
    });
});
