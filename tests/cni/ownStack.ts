import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LocalImages } from "../../cli/setup/localImages.ts";
import { STATE_DIR } from "../../cli/project.ts";
import { Stack } from "../e2e/stack.ts";

/** A stack of the describe that asks for it: made before its tests, destroyed after them, however they end. */
export function ownStack(name: string): Stack {
    const folder = mkdtempSync(join(tmpdir(), "multinet-cni-"));
    const stack = new Stack(name, folder);
    const images = new LocalImages(STATE_DIR, name).file;
    before(async () => {
        // A set-up for any of its configurations would make a node image with no more than that one needs.
        const made = process.env["MULTINET_IMAGES"];
        if (made) {
            copyFileSync(made, images);
        }
        await stack.init();
    });
    after(async () => {
        await stack.pulumi(["cancel", "--yes"]);
        await stack.pulumi(["destroy", "--yes", "--skip-preview"]);
        rmSync(folder, { recursive: true, force: true });
        rmSync(images, { force: true });
    });
    return stack;
}
