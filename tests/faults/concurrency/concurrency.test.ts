import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { cacheRoot } from "../../../system/cache.ts";
import type { Stack } from "../../e2e/stack.ts";
import { startTimes } from "../../e2e/world.ts";
import { Checkout } from "../checkout.ts";
import {
    containersOf,
    converged,
    destroyed,
    docker,
    reset,
    succeeded,
    type Config,
} from "../converged.ts";
import { faultStack } from "../faultStack.ts";
import { Operation } from "../kills/operation.ts";
import { faultClass } from "../ledger.ts";

const run = promisify(execFile);

const config: Config = { clusters: { edge1: {} } };

/** Another user's cluster, by kind alone. */
const FOREIGN = "multinet-f-conc-a0-edge1";

faultClass(
    {
        name: "concurrency",
        title: "several stacks, runs, checkouts and users of the same machine at once",
        least: 8,
    },
    (ledger) => {
        const stacks = ["f-conc-a", "f-conc-b", "f-conc-c"].map((name) => faultStack(name));
        const [one] = stacks as [Stack];
        const repair = async () => {
            for (const stack of stacks) {
                await reset(stack);
            }
        };
        const up = async (stack: Stack) => {
            stack.configure(config);
            succeeded(await stack.command("up", ["--yes", "--skip-preview"]), "npm run up");
            await converged(stack, config);
        };

        function fault(name: string, body: () => Promise<string | void>): void {
            it(name, () => ledger.run(name, body, repair));
        }

        fault("three stacks come up at once and go at once", async () => {
            await Promise.all(stacks.map(up));
            await Promise.all(stacks.map(destroyed));
        });

        fault("one stack goes while another comes up", async () => {
            await up(one);
            await Promise.all([destroyed(one), up(stacks[1]!)]);
            await destroyed(stacks[1]!);
        });

        fault("the same stack twice: the second run waits or is refused", async () => {
            one.configure(config);
            const first = new Operation(one, "up");
            await first.untilBegun(({ urn }) => urn.endsWith("::edge1-kind"));
            const second = await one.command("up", ["--yes", "--skip-preview"]);
            if (second.code !== 0) {
                assert.match(second.output, /lock|running|another/i);
            }
            assert.equal(await first.finished(), 0, first.output);
            await converged(one, config);
            return second.code === 0 ? "the second waited" : "the second was refused";
        });

        fault("verify and a preview while an update is under way", async () => {
            one.configure({ clusters: { edge1: { memory: "3GiB" } }, demo: { deployments: 3 } });
            const update = new Operation(one, "up");
            const [verified, previewed] = await Promise.all([
                one.command("verify", []),
                one.pulumi(["preview"]),
            ]);
            assert.equal(await update.finished(), 0, update.output);
            one.configure(config);
            await up(one);
            return `verify ${verified.code}, preview ${previewed.code}`;
        });

        fault("a foreign kind cluster beside it, with nearly its name", async () => {
            await up(one);
            const image = await docker(
                ...["inspect", "-f", "{{.Config.Image}}", (await containersOf(one))[0]!],
            );
            const kubeconfig = ["--kubeconfig", join(tmpdir(), `${FOREIGN}.kubeconfig`)];
            const make = ["create", "cluster", "--name", FOREIGN, "--image", image.trim()];
            const networks = await docker("network", "ls", "--format", "{{.Name}}");
            await run("kind", [...make, ...kubeconfig]);
            try {
                const started = await startTimes(FOREIGN);
                await up(one);
                await destroyed(one);
                await up(one);
                await destroyed(one);
                assert.deepEqual(await startTimes(FOREIGN), started);
                assert.equal(Object.keys(started).length, 1);
            } finally {
                await run("kind", ["delete", "cluster", "--name", FOREIGN, ...kubeconfig]);
                rmSync(kubeconfig[1]!, { force: true });
                if (!networks.split("\n").includes("kind")) {
                    await docker("network", "rm", "kind");
                }
            }
        });

        fault("two checkouts with stacks of different names", async () => {
            const other = new Checkout();
            try {
                other.configure("f-other", config);
                await Promise.all([
                    up(one),
                    other
                        .command("up", "f-other", "--skip-preview", "--yes")
                        .then((result) => succeeded(result, "npm run up in the other checkout")),
                ]);
                await destroyed(one);
                const verified = await other.command("verify", "--stack", "f-other");
                succeeded(verified, "npm run verify in the other checkout");
            } finally {
                await other.shell("pulumi destroy --yes --skip-preview --stack f-other");
                other.remove();
            }
        });

        fault(
            "a second checkout with a stack of the same name adopts it, and nothing starts anew",
            async () => {
                await up(one);
                const started = await startTimes(`multinet-${one.name}-`);
                const other = new Checkout();
                try {
                    other.configure(one.name, config);
                    const second = await other.command("up", one.name, "--skip-preview", "--yes");
                    succeeded(second, "npm run up in the other checkout");
                    assert.match(second.output, /imported|adopt/i);
                    await up(one);
                    assert.deepEqual(await startTimes(`multinet-${one.name}-`), started);
                } finally {
                    other.remove();
                }
            },
        );

        fault("`clean` while an update is under way is refused", async () => {
            const cache = copyOfCache();
            const other = new Checkout({ MULTINET_CACHE: cache });
            try {
                other.configure("f-clean", config);
                const update = other.command("up", "f-clean", "--skip-preview", "--yes");
                let over = false;
                void update.then(() => (over = true));
                // In its beginning there is no state yet that would keep it from cleaning.
                const refusals = [];
                while (!over && refusals.length < 20) {
                    const { code, output } = await other.command("clean");
                    if (over) {
                        break;
                    }
                    refusals.push(output);
                    assert.notEqual(code, 0, `clean went ahead:\n${output}`);
                }
                succeeded(await update, "npm run up");
                assert.ok(refusals.length > 0, "it was tried");
                assert.ok(readdirSync(join(cache, "pieces")).length > 0);
                return `${refusals.length} times`;
            } finally {
                await other.shell("pulumi destroy --yes --skip-preview --stack f-clean");
                await other.command("stop", "--force");
                other.remove();
                rmSync(cache, { recursive: true, force: true });
            }
        });
    },
);

/** A cache of the same content that may be lost: its files are links to the ones of the real cache. */
function copyOfCache(): string {
    const copy = mkdtempSync(`${cacheRoot()}-copy-`);
    for (const name of ["pieces", "tools", "CACHEDIR.TAG", "images-from-registries"]) {
        const original = join(cacheRoot(), name);
        if (existsSync(original)) {
            execFileSync("cp", ["--archive", "--link", original, copy]);
        }
    }
    return copy;
}
