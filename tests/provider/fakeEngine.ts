import {
    existsSync,
    mkdirSync,
    mkdtempSync,
    readFileSync,
    rmSync,
    symlinkSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

const ENGINE = join(import.meta.dirname, "fakes/bin/engine");
const VARIABLES = ["PATH", "ENGINE_SAYS", "DOCKER_HOST"] as const;

/** Gives each test of a `describe` a program of this name on the PATH that answers what it is told to, and no DOCKER_HOST. */
export function fakeEngine(name: string): FakeEngine {
    const fake = new FakeEngine();
    const outside = { ...process.env };
    beforeEach(() => {
        fake.make(name);
        process.env["PATH"] = [join(fake.folder, "bin"), outside["PATH"]].join(delimiter);
        process.env["ENGINE_SAYS"] = fake.folder;
        delete process.env["DOCKER_HOST"];
    });
    afterEach(() => {
        for (const variable of VARIABLES) {
            delete process.env[variable];
            if (outside[variable] !== undefined) {
                process.env[variable] = outside[variable];
            }
        }
        rmSync(fake.folder, { recursive: true });
    });
    return fake;
}

class FakeEngine {
    folder!: string;

    make(name: string): void {
        this.folder = mkdtempSync(join(tmpdir(), "multinet-engine-"));
        mkdirSync(join(this.folder, "bin"));
        symlinkSync(ENGINE, join(this.folder, "bin", name));
    }

    /** What it answers to a verb: text, or data as JSON. */
    says(verb: string, out: unknown, err = "", code = err === "" ? 0 : 1): void {
        const text = typeof out === "string" ? out : JSON.stringify(out);
        writeFileSync(join(this.folder, `${verb}.out`), text);
        writeFileSync(join(this.folder, `${verb}.err`), err);
        writeFileSync(join(this.folder, `${verb}.code`), String(code));
    }
    /** With what it was started, each time. */
    calls(): string[] {
        const file = join(this.folder, "calls");
        return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
    }
}
