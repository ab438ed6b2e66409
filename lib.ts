/** What programs of others import: `import { Testbed } from "multinet"`. */
export { Testbed, type TestbedOptions } from "./components/testbed.ts";
export type { TestbedConfig } from "./plan/config/testbedConfig.ts";
export type { ClusterOutputs, NodeOutputs } from "./stack/outputs.ts";
