import * as pulumi from "@pulumi/pulumi";
import type { TestbedConfig } from "../plan/config/testbedConfig.ts";
import { secretSections } from "./secrets.ts";

/** What the stack file says, of which nothing is checked yet, and which sections of it hold secrets. */
export function stackConfig(): [config: TestbedConfig, options: { secrets: Set<string> }] {
    const project = pulumi.getProject();
    const prefix = `${project}:`;
    const config = Object.fromEntries(
        Object.entries(pulumi.runtime.allConfig())
            .filter(([key]) => key.startsWith(prefix))
            .map(([key, text]) => [key.slice(prefix.length), parsed(text)]),
    );
    const secrets = secretSections(project, Object.keys(config));
    return [config as unknown as TestbedConfig, { secrets }];
}

/** The engine hands objects and lists over as JSON, all else as it was written. */
function parsed(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return text;
    }
}
