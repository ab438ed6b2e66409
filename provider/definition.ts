import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ciliumNodes } from "./ciliumNodes.ts";
import { containerEngine } from "./containerEngine.ts";
import { KindClusterResource } from "./kindCluster.ts";
import { reachabilityMatrix } from "./reachabilityMatrix.ts";
import { releaseInventory } from "./releaseInventory.ts";
import type { ProviderDefinition } from "./resource.ts";
import { rollout } from "./rollout.ts";
import { removeTemporaryFiles } from "./kube/temporaryFiles.ts";

const ROOT = join(import.meta.dirname, "..");
const manifest = readFileSync(join(ROOT, "package.json"), "utf8");
const { version } = JSON.parse(manifest) as { version: string };

/** The provider `multinet`. */
export const definition: ProviderDefinition = {
    name: "multinet",
    version,
    resources: {
        "multinet:index:ContainerEngine": containerEngine(),
        "multinet:index:KindCluster": new KindClusterResource(),
        "multinet:index:CiliumNodes": ciliumNodes(),
        "multinet:index:ReleaseInventory": releaseInventory(),
        "multinet:index:Rollout": rollout(),
        "multinet:index:ReachabilityMatrix": reachabilityMatrix(),
    },
    schema: () => readFile(join(ROOT, "schema", "provider.json"), "utf8"),
    close: () => removeTemporaryFiles(),
};
