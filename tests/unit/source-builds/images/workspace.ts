import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A directory of its own for the tests of a `describe`, gone after them. */
export class Workspace {
    readonly path = mkdtempSync(join(tmpdir(), "multinet-test-"));

    constructor() {
        after(() => rmSync(this.path, { recursive: true }));
    }

    file(path: string, content: string | Buffer = "", mode = 0o644): string {
        const full = this.parent(path);
        writeFileSync(full, content, { mode });
        return full;
    }

    link(path: string, target: string): void {
        symlinkSync(target, this.parent(path));
    }

    private parent(path: string): string {
        const full = join(this.path, path);
        mkdirSync(dirname(full), { recursive: true });
        return full;
    }
}
