import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, release, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { parse } from "yaml";
import { resolveImages, type Images } from "../plan/images.ts";
import { planTopology } from "../plan/planTopology.ts";
import { validateConfig } from "../plan/config/validate.ts";
import { run } from "../system/process.ts";
import { Progress } from "../system/progress.ts";
import { PROJECT } from "../cli/project.ts";
import { canary } from "./canary.ts";
import { createNetwork, OWNER, refuseLeftovers, sweep } from "./clusters.ts";
import { meter } from "./cpu.ts";
import { ProgramStack } from "./programStack.ts";
import { renew, tables } from "./report.ts";
import type { Round } from "./results.ts";
import { bare, inRandomOrder, plain, product, type Lab } from "./round.ts";
import { seconds } from "./seconds.ts";
import { quiet } from "./statistics.ts";

const DOCUMENT = join(PROJECT, "docs", "benchmarks.md");

/** Parts of a round. */
const PARTS = 3;

async function main(): Promise<void> {
    const runs = wantedRuns();
    const progress = new Progress();
    const stop = new AbortController();
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
        process.on(signal, () => stop.abort(new Error("Stopped; nothing was measured.")));
    }
    const folder = mkdtempSync(join(tmpdir(), "multinet-bench-"));
    const lab = prepare(folder, stop.signal);
    const clusters = lab.clusters.map(({ kindName }) => kindName);
    try {
        await refuseLeftovers(clusters, stop.signal);
        try {
            const rounds = await measure(lab, runs, progress);
            const kept = quiet(rounds);
            const about = await circumstances(lab, rounds.length - kept.length);
            const old = existsSync(DOCUMENT) ? readFileSync(DOCUMENT, "utf8") : undefined;
            const text = tables(kept, about);
            writeFileSync(DOCUMENT, renew(old, text));
            console.log(`${text}\nWritten to docs/benchmarks.md, in ${progress.elapsed()}.`);
        } catch (error) {
            throw stop.signal.aborted ? stop.signal.reason : error;
        } finally {
            progress.note("removing the benchmark's clusters and networks");
            await sweep(clusters, folder);
        }
    } finally {
        rmSync(folder, { recursive: true, force: true });
    }
}

function wantedRuns(): number {
    const { values } = parseArgs({ options: { runs: { type: "string", default: "3" } } });
    const runs = Number(values.runs);
    if (!Number.isInteger(runs) || runs < 1) {
        throw new Error(
            `--runs ${values.runs}: the number of rounds must be an integer from 1 on.`,
        );
    }
    return runs;
}

/** What the default stack file describes, under the benchmark's own stack name and in a folder of its own. */
function prepare(folder: string, signal: AbortSignal): Lab {
    const { config } = parse(readFileSync(join(PROJECT, "Pulumi.dev.yaml"), "utf8")) as {
        config: Record<string, unknown>;
    };
    const values: Record<string, unknown> = Object.fromEntries(
        Object.entries(config).map(([key, value]) => [key.replace(/^multinet:/, ""), value]),
    );
    const result = validateConfig(values, OWNER);
    if ("problems" in result) {
        throw new Error("Pulumi.dev.yaml is not valid.");
    }
    const plan = planTopology(result.topology, OWNER);
    return {
        product: new ProgramStack(
            { project: OWNER.project, source: PROJECT, config },
            join(folder, "product"),
            signal,
        ),
        empty: new ProgramStack(
            {
                project: "multinet-empty",
                source: join(import.meta.dirname, "empty"),
                config: {},
                // As Pulumi alone runs it: the cache of compiled code comes from our set-up.
                env: { NODE_DISABLE_COMPILE_CACHE: "1" },
            },
            join(folder, "empty"),
            signal,
        ),
        clusters: plan.clusters,
        pods: plan.clusters.flatMap(({ demos }) => demos).length,
        images: resolveImages({}, localImages()),
        folder,
        meter: meter(),
        signal,
    };
}

/** References of images that were made on this machine, as the program itself finds them. */
function localImages(): Partial<Images> {
    const file = process.env["MULTINET_IMAGES"];
    return file ? (JSON.parse(readFileSync(file, "utf8")) as Partial<Images>) : {};
}

/** One round to warm up, then rounds until enough were quiet, twice as many at most. */
async function measure(lab: Lab, runs: number, progress: Progress): Promise<Round[]> {
    await createNetwork(lab.signal);
    await lab.product.init();
    await lab.empty.init();
    await lab.empty.up();
    progress.expect(PARTS * (runs + 1));
    await round(lab, "warm-up", progress);
    const rounds: Round[] = [];
    while (quiet(rounds).length < runs && rounds.length < 2 * runs) {
        if (rounds.length >= runs) {
            progress.expect(PARTS);
        }
        rounds.push(await round(lab, `round ${rounds.length + 1}`, progress));
    }
    return rounds;
}

async function round(lab: Lab, name: string, progress: Progress): Promise<Round> {
    const canaries: number[] = [];
    const part =
        <T>(what: string, action: (lab: Lab, say: (status: string) => void) => Promise<T>) =>
        async () => {
            canaries.push(await canary());
            return progress.during(`${name}, ${what}`, (say) => action(lab, say));
        };
    const parts = await inRandomOrder({
        product: part("multinet", product),
        plain: part("plain script", plain),
        bare: part("bare clusters", bare),
    });
    return { ...parts, canary: Math.max(...canaries, await canary()) };
}

async function circumstances(lab: Lab, disturbed: number) {
    const setup: number[] = [];
    for (let time = 0; time < 3; time++) {
        setup.push(
            await seconds(() =>
                run("npm", ["run", "-s", "env"], { cwd: PROJECT, signal: lab.signal }),
            ),
        );
    }
    const [kind, pulumi] = await Promise.all([
        run("kind", ["version", "--quiet"]),
        run("pulumi", ["version"]),
    ]);
    return {
        date: new Date().toISOString().slice(0, 10),
        machine: `${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}`,
        versions: `kind ${kind.trim()}, Pulumi ${pulumi.trim()}, Node ${process.version}`,
        meter: lab.meter,
        disturbed,
        setup,
    };
}

try {
    await main();
} catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
}
