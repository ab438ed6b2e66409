import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Cache } from "../cache.ts";
import { closingLine, sum, type Counts } from "../counts.ts";
import { foreground } from "../process.ts";
import { duration } from "../progress.ts";
import { configFileOf, PROJECT } from "../project.ts";
import { setUp } from "../setup.ts";
import { installPackages, missingPackages } from "../systemPackages.ts";

/** Checks of the source, each counted as one test. */
const checks: Record<string, string[]> = {
    types: ["node_modules/typescript/bin/tsc", "--noEmit"],
    lint: ["node_modules/eslint/bin/eslint.js", "."],
    format: ["node_modules/prettier/bin/prettier.cjs", "--check", "--log-level", "warn", "."],
};

/** Folders of tests, cheapest first, and whether they need the tools and an engine. */
const suites = { unit: false, component: false, standins: true, provider: true, e2e: true };

type Suite = keyof typeof suites;

/**
 * `npm test [-- SUITE]`: everything, or one suite. A failure does not keep the rest from running. The last line counts
 * all tests; the exit code is 0 only if all of them ran and passed.
 */
export async function test(args: string[], signal: AbortSignal): Promise<number> {
    const [wanted = "all"] = args;
    if (wanted !== "all" && !(wanted in suites)) {
        throw new Error(
            `There is no suite "${wanted}". Suites: ${Object.keys(suites).join(", ")}, all.`,
        );
    }
    const results: Counts[] = [];
    let env: NodeJS.ProcessEnv | undefined;
    if (wanted === "all") {
        for (const [name, args] of Object.entries(checks)) results.push(await check(name, args));
    }
    for (const [suite, equipped] of Object.entries(suites) as [Suite, boolean][]) {
        if (wanted !== "all" && wanted !== suite) continue;
        if (signal.aborted) break;
        if (suite === "unit") await completePrograms();
        if (equipped) env ??= await equip(signal);
        const started = !equipped || env ? await run(suite, env ?? process.env) : FAILURE;
        results.push(suite === "e2e" ? unskippable(started) : started);
    }
    const total = sum(results);
    console.log(`\n${closingLine(total)}`);
    return total.failed === 0 && total.passed > 0 && !signal.aborted ? 0 : 1;
}

const FAILURE: Counts = { passed: 0, failed: 1, skipped: 0 };

/** Installs the system's programs that unit tests run scripts with; who is not root may do without such tests. */
async function completePrograms(): Promise<void> {
    const packages = missingPackages("tests");
    if (packages.length === 0 || process.getuid?.() !== 0) return;
    console.log(`\nInstalling Debian packages to test with: ${packages.join(", ")}`);
    await installPackages(packages, new Cache());
}

/** The environment with tools and engine; undefined, after saying why, if there is none to be had. */
async function equip(signal: AbortSignal): Promise<NodeJS.ProcessEnv | undefined> {
    try {
        // With the set-up complete, tests that ask for a real container engine have no excuse.
        return {
            ...process.env,
            ...(await setUp(configFileOf("dev"), signal)),
            MULTINET_REAL: "1",
        };
    } catch (error) {
        console.error(`\nNo set-up to test with. ${(error as Error).message}`);
        return undefined;
    }
}

async function check(name: string, args: string[]): Promise<Counts> {
    const begin = Date.now();
    const code = await foreground(process.execPath, args, { cwd: PROJECT });
    console.log(`${name}: ${code === 0 ? "passed" : "FAILED"} in ${duration(Date.now() - begin)}`);
    return code === 0 ? { passed: 1, failed: 0, skipped: 0 } : FAILURE;
}

async function run(suite: Suite, env: NodeJS.ProcessEnv): Promise<Counts> {
    console.log(`\n== ${suite} tests`);
    const begin = Date.now();
    const directory = mkdtempSync(join(tmpdir(), "multinet-test-"));
    const report = join(directory, "counts.json");
    const program = join(PROJECT, "toolchain", "suite.ts");
    try {
        await foreground(process.execPath, [program, suite, report], { cwd: PROJECT, env });
        const counts = JSON.parse(readFileSync(report, "utf8")) as Counts;
        console.log(`${suite}: ${closingLine(counts)} in ${duration(Date.now() - begin)}`);
        return counts;
    } catch {
        console.error(`The ${suite} tests did not come to their end.`);
        return FAILURE;
    } finally {
        rmSync(directory, { recursive: true });
    }
}

/** Without real clusters nothing is proved: an end-to-end test that did not run counts as failed. */
function unskippable({ passed, failed, skipped }: Counts): Counts {
    if (skipped > 0)
        console.error(`${skipped} end-to-end tests were skipped; that counts as failed.`);
    const none = passed + failed + skipped === 0 ? 1 : 0;
    return { passed, failed: failed + skipped + none, skipped: 0 };
}
