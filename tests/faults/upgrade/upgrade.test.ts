import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { PROJECT } from "../../../cli/project.ts";
import { startTimes } from "../../e2e/world.ts";
import { Checkout } from "../checkout.ts";
import { docker, succeeded, type Config } from "../converged.ts";
import { faultClass } from "../ledger.ts";

const run = promisify(execFile);

/** The last program before states were promised to last. */
const OLD = "feca1b0";
const STACK = "f-upgrade";

/** What the CHANGELOG calls the pods of a release. */
const CALLED: Record<string, string> = { "node-routes": "node agents", multus: "Multus" };

const configs: Record<string, Config> = {
    "two clusters": { clusters: { edge1: {}, edge2: {} } },
    "a worker, and two networks": {
        clusters: { edge1: { nodes: 2 } },
        networks: { "data-plane": { type: "ptp" }, second: { type: "ptp", cidr: "10.80.0.0/12" } },
    },
};

faultClass(
    {
        name: "upgrade",
        title: `a stack that commit ${OLD} made, under the program of now: no node is replaced, and no pod that the CHANGELOG does not name`,
        least: Object.keys(configs).length,
    },
    (ledger) => {
        for (const [what, config] of Object.entries(configs)) {
            it(what, () => ledger.run(what, () => upgraded(config)));
        }
    },
);

async function upgraded(config: Config): Promise<string> {
    const checkout = new Checkout({}, OLD);
    const clusters = Object.keys(config["clusters"] as object);
    const yes = ["--yes", "--skip-preview", "--stack", STACK];
    try {
        mkdirSync(join(checkout.folder, ".multinet", "state"), { recursive: true, mode: 0o700 });
        succeeded(await checkout.pulumi("stack", "init", STACK), "pulumi stack init");
        checkout.configure(STACK, config);
        succeeded(await checkout.pulumi("up", ...yes), `pulumi up of ${OLD}`);
        const nodes = await startTimes(`multinet-${STACK}-`);
        const pods = await uids(checkout, clusters);
        checkout.update();
        succeeded(await checkout.pulumi("up", ...yes), "pulumi up of now");
        assert.deepEqual(await startTimes(`multinet-${STACK}-`), nodes, "no node was replaced");
        const now = await uids(checkout, clusters);
        const replaced = [...pods.keys()]
            .filter((uid) => !now.has(uid))
            .map((uid) => pods.get(uid)!);
        const named = section("Upgrading a stack that runs");
        const unnamed = replaced.filter((app) => !named.includes(CALLED[app] ?? app));
        assert.deepEqual(unnamed, [], "pods that the CHANGELOG does not name were replaced");
        succeeded(await checkout.pulumi("up", ...yes, "--expect-no-changes"), "the next update");
        return `${replaced.length} of ${pods.size} pods replaced: ${[...new Set(replaced)].join(", ")}`;
    } finally {
        await checkout.pulumi("cancel", "--yes", "--stack", STACK);
        await checkout.pulumi("destroy", ...yes);
        const left = Object.keys(await startTimes(`multinet-${STACK}-`));
        if (left.length > 0) {
            await docker("rm", "--force", "--volumes", ...left);
        }
        checkout.remove();
    }
}

/** The app that each pod of all clusters is part of, by uid. */
async function uids(checkout: Checkout, clusters: string[]): Promise<Map<string, string>> {
    const all = await Promise.all(
        clusters.map(async (cluster) => {
            const file = join(
                checkout.folder,
                ".multinet",
                "kubeconfigs",
                STACK,
                `${cluster}.yaml`,
            );
            const label = "APP:.metadata.labels.app\\.kubernetes\\.io/name";
            const columns = `custom-columns=UID:.metadata.uid,${label},NAME:.metadata.name`;
            const args = ["get", "pods", "--all-namespaces", "--no-headers", "--output", columns];
            const { stdout } = await run("kubectl", ["--kubeconfig", file, ...args]);
            return stdout.trim().split("\n");
        }),
    );
    return new Map(
        all.flat().map((line) => {
            const [uid = "", app = "", name = ""] = line.split(/\s+/);
            return [uid, app === "<none>" ? name : app];
        }),
    );
}

/** A section of the CHANGELOG. */
function section(title: string): string {
    const text = readFileSync(join(PROJECT, "CHANGELOG.md"), "utf8");
    return text.split(/^#+ /m).find((part) => part.startsWith(title)) ?? "";
}
