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

const CHOICES = ["MULTINET_SOURCE", "MULTINET_DOWNLOADS"];

/** Tests of the suite this is called in choose themselves where things come from, whatever this environment says. */
export function withoutChoice(): void {
    let before: (string | undefined)[];
    beforeEach(() => {
        before = CHOICES.map((name) => process.env[name]);
        for (const name of CHOICES) {
            delete process.env[name];
        }
    });
    afterEach(() => {
        for (const [index, name] of CHOICES.entries()) {
            if (before[index] === undefined) {
                delete process.env[name];
            } else {
                process.env[name] = before[index];
            }
        }
    });
}
