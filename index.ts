import { join } from "node:path";
import { loadTopology } from "./stack/load.ts";
import { Testbed } from "./components/testbed.ts";
import { outputs } from "./stack/outputs.ts";

// Pulumi makes a stack trace for every promise. Node strips types in place, so the positions are right without the
// source maps that would be looked up for each; that is an eighth of what a no-op costs.
Error.prepareStackTrace = undefined as never;

// When the engine was killed nobody reads these. Pulumi's report of that would fail as well, and be reported, for ever.
for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", () => process.exit(1));
}

const stateDir = join(import.meta.dirname, ".multinet");
const loaded = await loadTopology(join(stateDir, "cni-plugins"));
const { plan } = loaded;

const testbed = new Testbed("testbed", {
    ...loaded,
    kubeconfigs: join(stateDir, "kubeconfigs", plan.stack),
});

export const { clusters, matrix, reachability, topology, next } = outputs(testbed, plan);
