import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { join } from "node:path";
import { STATE_DIR, PROJECT } from "../../cli/project.ts";
import { Random, SEED } from "./random.ts";
import { writeTable } from "./reliability.ts";

/** One fault that was made, and what came of it. */
export interface Run {
    fault: string;
    survived: boolean;
    /** How it ended, or what did not hold. */
    seen: string;
    seconds: number;
    seed: number;
}

/** A class of faults, as it was run last. */
export interface Result {
    name: string;
    title: string;
    /** How many runs it must have, and how many of them may fail. */
    least: number;
    spared: number;
    date: string;
    commit: string;
    machine: string;
    runs: Run[];
}

export const RESULTS = join(STATE_DIR, "faults");

/** Only the faults whose names match are made; their results replace the ones of the same name. */
const ONLY = process.env["MULTINET_ONLY"];

export interface Class {
    /** Also the name of its result file. */
    name: string;
    /** What is done, as the table says it. */
    title: string;
    least: number;
    /** How many runs may fail without failing the class. Default 0. */
    spared?: number;
}

/** Counts what comes of the faults of one class. A run that fails does not keep the others from running. */
export class Ledger {
    private readonly about: Class;
    private readonly runs: Run[] = [];
    /** What an earlier process recorded. */
    private readonly before: Run[];

    constructor(about: Class) {
        this.about = about;
        this.before = readResult(about.name)?.runs ?? [];
    }

    /** Whether this fault is to be made at all. */
    wants(fault: string): boolean {
        return ONLY === undefined || new RegExp(ONLY).test(fault);
    }

    /**
     * Makes one fault and checks its outcome; `body` returns what is worth a note and throws if something did not
     * hold, after which `repair` prepares what comes next.
     */
    async run(
        fault: string,
        body: (random: Random) => Promise<string | void>,
        repair?: () => Promise<unknown>,
    ): Promise<void> {
        if (!this.wants(fault)) {
            return;
        }
        const begin = performance.now();
        const random = new Random(`${this.about.name} ${fault}`);
        try {
            this.note(fault, true, (await body(random)) ?? "", begin);
        } catch (error) {
            this.note(fault, false, (error as Error).message, begin);
            await repair?.();
        } finally {
            this.save();
        }
    }

    /** Records the outcome of a fault that was made elsewhere. */
    note(fault: string, survived: boolean, seen: string, begin = performance.now()): void {
        const seconds = Math.round((performance.now() - begin) / 100) / 10;
        this.runs.push({ fault, survived, seen: seen.slice(0, 4000), seconds, seed: SEED });
        if (survived && seconds === 0) {
            return;
        }
        console.log(`      ${survived ? "ok" : "FAILED"} ${fault} (${seconds} s) ${gist(seen)}`);
    }

    get failed(): Run[] {
        return this.runs.filter(({ survived }) => !survived);
    }

    /** Throws if too few faults were made, or too many of them not survived. */
    check(): void {
        const { least, spared = 0 } = this.about;
        const failed = this.failed.map(({ fault, seen }) => `${fault}: ${gist(seen)}`);
        const made = this.runs.length;
        assert.ok(made >= least || ONLY !== undefined, `${made} of ${least} ran`);
        assert.ok(failed.length <= spared, `${failed.length} of ${made}:\n${failed.join("\n")}`);
    }

    /** Writes the result, and the table of all classes. */
    async write(): Promise<void> {
        if (this.runs.length === 0) {
            return;
        }
        this.save();
        await writeTable(RESULTS);
    }

    /** After every run: a class that is broken off loses none. */
    private save(): void {
        const { name, title, least, spared = 0 } = this.about;
        const made = new Set(this.runs.map(({ fault }) => fault));
        const others = ONLY === undefined ? [] : this.before;
        const runs = [...others.filter(({ fault }) => !made.has(fault)), ...this.runs];
        const date = new Date().toISOString().slice(0, 10);
        const result: Result = {
            name,
            title,
            least,
            spared,
            date,
            commit: COMMIT,
            machine: MACHINE,
            runs,
        };
        mkdirSync(RESULTS, { recursive: true });
        const file = join(RESULTS, `${name}.json`);
        writeFileSync(`${file}.new`, `${JSON.stringify(result, null, 2)}\n`);
        renameSync(`${file}.new`, file);
    }
}

/** The tests of one class; its runs are judged after all of them. */
export function faultClass(about: Class, body: (this: Mocha.Suite, ledger: Ledger) => void): void {
    describe(`faults, ${about.name}: ${about.title}`, function () {
        this.timeout("60m");
        const ledger = new Ledger(about);
        before(() => console.log(`      seed ${SEED} (MULTINET_SEED=${SEED} repeats it)`));
        describe("the faults", function () {
            body.call(this, ledger);
        });
        // In a suite of its own: the tests of a suite run before the suites in it.
        describe("the outcome", () => {
            it("enough of them were made, and survived", () => ledger.check());
        });
        after(() => ledger.write());
    });
}

function readResult(name: string): Result | undefined {
    try {
        return JSON.parse(readFileSync(join(RESULTS, `${name}.json`), "utf8")) as Result;
    } catch {
        return undefined;
    }
}

const git = (...args: string[]) =>
    execFileSync("git", args, { cwd: PROJECT, encoding: "utf8" }).trim();

// The table of results changes with every class, and is nothing that a test depends on.
const CHANGES = git("status", "--porcelain", "--", ".", ":!docs/reliability.md");

const COMMIT = `${git("rev-parse", "--short", "HEAD")}${CHANGES === "" ? "" : "-dirty"}`;

const MACHINE = `${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}`;

/** A line of it. */
export function gist(text: string): string {
    const lines = text.split("\n").map((line) => line.trim());
    return (lines.find((line) => /error|fail/i.test(line)) ?? lines[0] ?? "").slice(0, 200);
}
