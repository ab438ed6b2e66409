import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ciliumNodes } from "./ciliumNodes.ts";
import { containerEngine } from "./containerEngine.ts";
import { kindCluster } from "./kindCluster.ts";
import { reachabilityMatrix } from "./reachabilityMatrix.ts";
import { releaseInventory } from "./releaseInventory.ts";
import { rollout } from "./rollout.ts";
import { removeStrayKubeconfigs } from "./kube/strayKubeconfigs.ts";
import { runtime } from "./runtime/runtimes.ts";
import { serve } from "./server.ts";

const manifest = readFileSync(join(import.meta.dirname, "..", "package.json"), "utf8");
const { version } = JSON.parse(manifest) as { version: string };

const authorities = new Set<string>();

await serve({
    name: "multinet",
    version,
    resources: {
        "multinet:index:ContainerEngine": containerEngine(),
        "multinet:index:KindCluster": kindCluster(runtime, authorities),
        "multinet:index:CiliumNodes": ciliumNodes(),
        "multinet:index:ReleaseInventory": releaseInventory(),
        "multinet:index:Rollout": rollout(),
        "multinet:index:ReachabilityMatrix": reachabilityMatrix(),
    },
    close: () => removeStrayKubeconfigs(authorities),
});
