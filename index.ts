import { join } from "node:path";
import { loadTopology } from "./components/config.ts";
import { Testbed } from "./components/testbed.ts";
import { outputs } from "./components/outputs.ts";

const { plan, images, runtime, archives } = await loadTopology();

const testbed = new Testbed("testbed", {
    plan,
    images,
    runtime,
    archives,
    kubeconfigs: join(import.meta.dirname, ".multinet", "kubeconfigs", plan.stack),
});

export const { clusters, matrix, reachability, topology, next } = outputs(testbed, plan);
