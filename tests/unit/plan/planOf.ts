import assert from "node:assert/strict";
import type { RawConfig } from "../../../plan/config/parsedConfig.ts";
import { validateConfig } from "../../../plan/config/validate.ts";
import type { Plan } from "../../../plan/plan.ts";
import { planTopology } from "../../../plan/planTopology.ts";

export const OWNER = { project: "multinet", stack: "dev" };

/** The plan of a configuration, which must be valid. */
export function planOf(config: RawConfig, owner = OWNER): Plan {
    const result = validateConfig(config, owner);
    assert.ok("topology" in result, JSON.stringify(result));
    return planTopology(result.topology, owner);
}
