import { Testbed } from "./components/testbed.ts";
import { stackConfig } from "./stack/config.ts";

// Pulumi makes a stack trace for every promise. Node strips types in place, so the positions are right without the
// source maps that would be looked up for each; that is an eighth of what a no-op costs.
Error.prepareStackTrace = undefined as never;

// When the engine was killed these have no reader. Pulumi's report of that would fail as well, and be reported, for ever.
for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", () => process.exit(1));
}

export const { clusters, kubeconfigs, bridge, matrix, reachability, topology, next } = new Testbed(
    "testbed",
    ...stackConfig(),
);
