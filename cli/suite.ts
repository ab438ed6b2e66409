import { globSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Mocha from "mocha";
import { PROJECT } from "./project.ts";
import type { Counts } from "./counts.ts";
import { patient } from "../plan/patience.ts";

/**
 * Runs one folder of tests, or one file of it without its ending, in this process: `node cli/suite.ts FOLDER REPORT`. Writes what it counted to the
 * file REPORT, which is missing if the process did not come to its end.
 */
const [folder = "", report = ""] = process.argv.slice(2);
// These wait more than they compute, and no two of their files touch the same thing.
const parallel = ["unit", "provider"].includes(folder);
const mocha = new Mocha({
    reporter: "spec",
    timeout: patient(60_000),
    ...(parallel && { parallel, jobs: 4 }),
});
const tests = join(PROJECT, "tests");
for (const file of globSync([`${folder}/**/*.test.ts`, `${folder}.test.ts`], {
    cwd: tests,
}).sort()) {
    mocha.addFile(join(tests, file));
}
if (!parallel) {
    await mocha.loadFilesAsync();
}
const runner = mocha.run((failing) => {
    const { passes = 0, pending = 0 } = runner.stats ?? {};
    const counts: Counts = { passed: passes, failed, skipped: pending };
    writeFileSync(report, JSON.stringify(counts));
    // A test that leaves a handle open must not keep the others waiting.
    process.exit(failing > 0 ? 1 : 0);
});
const failed = failures(runner);

/** Fills up while the tests run. */
function failures(run: Mocha.Runner): string[] {
    const lines: string[] = [];
    run.on("fail", (test, error: Error) => {
        lines.push(`${test.titlePath().join(" > ")}: ${error.message.split("\n")[0]}`);
    });
    return lines;
}
