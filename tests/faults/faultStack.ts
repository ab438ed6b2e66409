import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { LocalImages } from "../../cli/setup/localImages.ts";
import { STATE_DIR } from "../../cli/project.ts";
import { Stack } from "../e2e/stack.ts";
import { reset } from "./converged.ts";

/** A stack of the describe that asks for it; nothing of it is left after its tests, however they end. */
export function faultStack(name: string, { sidecars = false } = {}): Stack {
    const folder = mkdtempSync(join(tmpdir(), "multinet-faults-"));
    // Where a user has chosen the backend, Pulumi keeps a file of attributes beside each file.
    const plain = { PULUMI_BACKEND_URL: pathToFileURL(join(folder, "state")).href };
    const stack = new Stack(name, folder, sidecars ? plain : {});
    const images = new LocalImages(STATE_DIR, name).file;
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
