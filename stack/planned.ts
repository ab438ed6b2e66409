import * as pulumi from "@pulumi/pulumi";
import { onBridge } from "../plan/bridgeMtu.ts";
import type { RawConfig } from "../plan/config/parsedConfig.ts";
import type { TestbedConfig } from "../plan/config/testbedConfig.ts";
import type { Topology } from "../plan/config/topology.ts";
import { validateConfig } from "../plan/config/validate.ts";
import type { Plan } from "../plan/plan.ts";
import { patienceProblem } from "../plan/patience.ts";
import { planTopology } from "../plan/planTopology.ts";
import { formatProblems, withoutValues, type Problem } from "../plan/problem.ts";

/** A checked configuration and its plan. */
export interface Planned {
    /** As it was written. */
    config: RawConfig;
    topology: Topology;
    plan: Plan;
}

/** Plans a configuration for this project and stack. Throws one error that lists every problem of it. */
export function planned(config: TestbedConfig, secrets: ReadonlySet<string>): Planned {
    const wrong = patienceProblem();
    if (wrong !== undefined) {
        throw new pulumi.RunError(wrong);
    }
    const owner = { project: pulumi.getProject(), stack: pulumi.getStack() };
    const result = validateConfig({ ...config }, owner);
    if ("problems" in result) {
        throw refusal(result.problems, secrets);
    }
    return {
        config: { ...config },
        topology: result.topology,
        plan: planTopology(result.topology, owner),
    };
}

/** The plan on a docker network of that MTU in bytes; the same where it is the usual one. */
export function planOn({ topology, plan }: Planned, mtu: number | undefined): Plan {
    return mtu === undefined ? plan : planTopology(onBridge(topology, mtu), plan);
}

/** The error that names all problems, without the values of sections that hold secrets. */
export function refusal(problems: Problem[], secrets: ReadonlySet<string>): Error {
    return new pulumi.RunError(formatProblems(withoutValues(problems, secrets)));
}
