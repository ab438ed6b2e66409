import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A directory that is there for each test of the suite this is called in, and gone after it. */
export function temporaryDirectory(): (...path: string[]) => string {
    let root = "";
    beforeEach(() => {
        root = mkdtempSync(join(tmpdir(), "multinet-unit-"));
    });
    afterEach(() => {
        rmSync(root, { recursive: true, force: true });
    });
    return (...path) => join(root, ...path);
}
