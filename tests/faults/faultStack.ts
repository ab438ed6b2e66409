import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { LocalImages } from "../../toolchain/localImages.ts";
import { OWN } from "../../toolchain/project.ts";
import { Stack } from "../e2e/stack.ts";
import { reset } from "./converged.ts";

/** A stack of the describe that asks for it; nothing of it is left after its tests, however they end. */
export function faultStack(name: string): Stack {
    const folder = mkdtempSync(join(tmpdir(), "multinet-faults-"));
    const stack = new Stack(name, folder);
    const images = new LocalImages(OWN, name).file;
    before(async () => {
        const made = process.env["MULTINET_IMAGES"];
        if (made) {
            mkdirSync(dirname(images), { recursive: true });
            copyFileSync(made, images);
        }
        await stack.init();
    });
    after(async () => {
        await reset(stack);
        rmSync(folder, { recursive: true, force: true });
        rmSync(images, { force: true });
    });
    return stack;
}
