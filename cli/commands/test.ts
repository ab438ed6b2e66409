import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Argument, Command } from "commander";
import { Cache } from "../../system/cache.ts";
import { DEVELOPMENT } from "../commandLine.ts";
import { closingLine, sum, type Counts } from "../counts.ts";
import { foreground } from "../../system/process.ts";
import { duration } from "../../system/progress.ts";
import { PROJECT, stackNamed, type StackFile } from "../project.ts";
import { missingImageParts, setUp } from "../setup/setup.ts";
import { forTests, installPackages, missingPackages } from "../setup/systemPackages.ts";

/** Checks of the source, each counted as one test. */
const checks: Record<string, string[]> = {
    types: ["node_modules/typescript/bin/tsc", "--noEmit"],
    lint: ["node_modules/eslint/bin/eslint.js", "."],
    format: ["node_modules/prettier/bin/prettier.cjs", "--check", "--log-level", "warn", "."],
};

/** Folders of tests, cheapest first, and the stack whose tools, engine and images they need, if any. */
const suites = {
    unit: undefined,
    component: undefined,
    substitutes: stackNamed("dev"),
    provider: stackNamed("dev"),
    e2e: stackNamed("dev"),
    cni: stackNamed("cilium"),
    faults: stackNamed("dev"),
    podman: {
        name: "podman",
        configFile: join(PROJECT, "tests", "podman", "Pulumi.podman.yaml"),
    },
} satisfies Record<string, StackFile | undefined>;

type Suite = keyof typeof suites;

export const words = new Command("test")
    .helpGroup(DEVELOPMENT)
    .summary("test everything, or one suite")
    .description(
        "Tests everything: of the CNI tests only the quick ones, of the faults and those on Podman none. Or one suite; of the " +
            "faults, those classes that are named. A failure does not keep the rest from running. The last line counts all tests; the exit code is 0 " +
            "only if none failed.",
    )
    .addArgument(
        new Argument("[suite]", "the suite")
            .choices([...Object.keys(suites), "all"])
            .default("all"),
    )
    .argument("[class...]", "classes of faults, or files of one: kills, kills/random");

export async function run(words: Command, signal: AbortSignal): Promise<number> {
    const [wanted, classes] = words.processedArgs as [string, string[]];
    const unknown = unknownClass(wanted, classes);
    if (unknown !== undefined) {
        words.error(unknown);
    }
    const results: Counts[] = [];
    const environments = new Map<string, Promise<NodeJS.ProcessEnv | undefined>>();
    if (wanted === "all") {
        for (const [name, args] of Object.entries(checks)) {
            results.push(await check(name, args));
        }
    }
    for (const [suite, stack] of Object.entries(suites) as [Suite, StackFile | undefined][]) {
        if (wanted !== suite && (wanted !== "all" || BY_NAME.includes(suite))) {
            continue;
        }
        if (signal.aborted) {
            break;
        }
        if (suite === "unit") {
            await completePrograms();
        }
        const quick = suite === "cni" && wanted === "all";
        if (quick && (await isTooLong(signal))) {
            results.push({ passed: 0, failed: [], skipped: 1 });
            continue;
        }
        if (stack && !environments.has(stack.name)) {
            environments.set(stack.name, equip(stack, signal));
        }
        const env = stack ? await environments.get(stack.name) : process.env;
        const folders = classes.length > 0 ? classes.map((name) => `${suite}/${name}`) : [suite];
        const counts = env
            ? await runAll(folders, quick ? { ...env, MULTINET_QUICK: "1" } : env)
            : failure(`${suite}: there was no set-up to test with`);
        results.push(REAL.includes(suite) ? proven(suite, counts, quick) : counts);
    }
    const total = sum(results);
    // Once more at the end, for in a log of hours nobody finds them.
    console.log(["", ...total.failed.map((title) => `FAILED ${title}`)].join("\n"));
    console.log(closingLine(total));
    return total.failed.length === 0 && total.passed > 0 && !signal.aborted ? 0 : 1;
}

/** Suites that prove something only by real clusters. */
const REAL: Suite[] = ["e2e", "cni", "faults", "podman"];

/** Suites that run only if they are asked for. */
const BY_NAME: Suite[] = ["faults", "podman"];

/** Folders of the suite `faults`, each of which can be run alone, as can each file of it: `kills/random`. */
function faultClasses(): string[] {
    return readdirSync(join(PROJECT, "tests", "faults"), { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => name);
}

/** What is wrong with the classes that were named; undefined if nothing is. */
function unknownClass(suite: string, classes: string[]): string | undefined {
    const known = suite === "faults" ? faultClasses() : [];
    const unknown = classes.find((name) => !known.includes(name.split("/")[0]!));
    if (unknown === undefined) {
        return undefined;
    }
    return suite === "faults"
        ? `error: there is no class of faults "${unknown}". Classes: ${known.join(", ")}`
        : `error: the suite "${suite}" has no classes, but "${unknown}" was named`;
}

const failure = (title: string): Counts => ({ passed: 0, failed: [title], skipped: 0 });

/** Installs the system's programs that unit tests run scripts with; who is not root may do without such tests. */
async function completePrograms(): Promise<void> {
    const packages = missingPackages(forTests);
    if (packages.length === 0 || process.getuid?.() !== 0) {
        return;
    }
    console.log(`\nInstalling Debian packages to test with: ${packages.join(", ")}`);
    await installPackages(packages, new Cache());
}

/** Whether the images of the CNI tests would have to be made first, which a plain `npm test` does not ask for. */
async function isTooLong(signal: AbortSignal): Promise<boolean> {
    const missing = await missingImageParts(suites.cni, signal);
    if (missing.length === 0) {
        return false;
    }
    console.log(
        `\n== cni tests\nSkipped: these would have to be made first: ${missing.join(", ")}. ` +
            "Run them, all and unabridged, with: npm run test:cni",
    );
    return true;
}

/** The environment with what a stack needs; undefined, after saying why, if that is not to be had. */
async function equip(
    stack: StackFile,
    signal: AbortSignal,
): Promise<NodeJS.ProcessEnv | undefined> {
    try {
        // With the set-up complete, tests that ask for a real container engine have no excuse.
        return {
            ...process.env,
            ...(await setUp(stack, signal)),
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
    return code === 0 ? { passed: 1, failed: [], skipped: 0 } : failure(name);
}

async function runAll(folders: string[], env: NodeJS.ProcessEnv): Promise<Counts> {
    const counts: Counts[] = [];
    for (const folder of folders) {
        counts.push(await runFolder(folder, env));
    }
    return sum(counts);
}

async function runFolder(suite: string, env: NodeJS.ProcessEnv): Promise<Counts> {
    console.log(`\n== ${suite} tests`);
    const begin = Date.now();
    const directory = mkdtempSync(join(tmpdir(), "multinet-test-"));
    const report = join(directory, "counts.json");
    const program = join(PROJECT, "cli", "suite.ts");
    try {
        await foreground(process.execPath, [program, suite, report], { cwd: PROJECT, env });
        const counts = JSON.parse(readFileSync(report, "utf8")) as Counts;
        console.log(`${suite}: ${closingLine(counts)} in ${duration(Date.now() - begin)}`);
        return counts;
    } catch {
        return failure(`${suite}: the tests did not come to their end`);
    } finally {
        rmSync(directory, { recursive: true });
    }
}

/** A test with real clusters that did not run counts as failed, unless only the quick ones were asked for. */
export function proven(suite: string, counts: Counts, quick: boolean): Counts {
    const { passed, failed, skipped } = counts;
    const unproven = `${suite}: a test with real clusters did not run`;
    if (passed + failed.length === 0) {
        return { ...counts, failed: [unproven] };
    }
    return quick
        ? counts
        : { passed, failed: [...failed, ...Array<string>(skipped).fill(unproven)], skipped: 0 };
}
