import {
    closeSync,
    existsSync,
    fstatSync,
    openSync,
    readdirSync,
    readFileSync,
    readSync,
} from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { validateConfig } from "../../plan/config/validate.ts";
import { planTopology } from "../../plan/planTopology.ts";
import { formatProblems } from "../../plan/problem.ts";
import { recordedMatrix } from "../state/recordedMatrix.ts";
import { PROJECT_NAME, type State } from "../state/stack.ts";
import { configOf } from "../state/stackFile.ts";
import { withoutSecrets } from "./withoutSecrets.ts";

/** Where the parts of a report come from. */
export interface Sources {
    stack: string;
    configFile: string;
    deployment: State["deployment"] | undefined;
    /** Folder of log files. */
    logs: string;
    /** What each node says of itself. */
    nodes: Map<string, string>;
    versions: object;
    /** What could not be found out, and why. */
    problems: string[];
}

/** Bytes at the end of a log that are taken. */
const LOG_END = 200_000;

/** What Pulumi writes into a stack file to check a passphrase, or to find a key. */
const KEYS = ["encryptionsalt", "encryptedkey", "secretsprovider"];

/** The files of a report, by their paths. Data in them is without secrets; texts still need `hiderOf`. */
export function reportFiles(sources: Sources): Map<string, string> {
    const { stack, configFile, deployment, logs, nodes, versions } = sources;
    const problems = [...sources.problems];
    const files = new Map([["versions.json", json(versions)]]);
    const config = existsSync(configFile) ? stackFile(configFile, problems) : undefined;
    if (config) {
        files.set(`Pulumi.${stack}.yaml`, stringify(config));
        files.set("plan.json", plan(stack, config, problems));
    } else if (!existsSync(configFile)) {
        problems.push(`There is no ${configFile}.`);
    }
    if (deployment) {
        const { outputs } = recordedMatrix(deployment) ?? {};
        files.set("state.json", json(withoutSecrets(deployment)));
        files.set(
            "matrix.json",
            json(withoutSecrets(outputs ?? "There is no matrix in the state.")),
        );
    } else {
        problems.push("There is no state: the stack is not up, or its state could not be read.");
    }
    for (const name of existsSync(logs) ? readdirSync(logs).toSorted() : []) {
        files.set(`logs/${name}`, endOf(join(logs, name)));
    }
    for (const [name, text] of nodes) {
        files.set(`nodes/${name}.txt`, text.slice(-LOG_END));
    }
    files.set("problems.txt", [...problems, ""].join("\n"));
    files.set("README.txt", readme(stack, versions));
    return files;
}

/** Its data, without comments and secrets; undefined if it is not YAML. The parser's message would quote it. */
function stackFile(file: string, problems: string[]): Record<string, unknown> | undefined {
    try {
        const content = (parse(readFileSync(file, "utf8")) ?? {}) as Record<string, unknown>;
        const kept = Object.entries(content).filter(([key]) => !KEYS.includes(key));
        return withoutSecrets(Object.fromEntries(kept)) as Record<string, unknown>;
    } catch {
        problems.push(`${file} is not YAML.`);
        return undefined;
    }
}

function plan(stack: string, content: Record<string, unknown>, problems: string[]): string {
    const owner = { project: PROJECT_NAME, stack };
    const result = validateConfig(configOf(content), owner);
    if ("problems" in result) {
        problems.push(formatProblems(result.problems));
        return json(null);
    }
    return json(planTopology(result.topology, owner));
}

function endOf(file: string): string {
    const descriptor = openSync(file, "r");
    try {
        const { size } = fstatSync(descriptor);
        const bytes = Buffer.alloc(Math.min(size, LOG_END));
        const read = readSync(descriptor, bytes, 0, bytes.length, size - bytes.length);
        const text = bytes.subarray(0, read).toString();
        // The rest of a cut line could be the rest of a secret that is known by its beginning.
        return size > LOG_END ? text.slice(text.indexOf("\n") + 1) : text;
    } finally {
        closeSync(descriptor);
    }
}

function readme(stack: string, versions: object): string {
    const { commit = "unknown" } = versions as { commit?: string };
    return `A report on the stack "${stack}" of multinet. Credentials were taken out; have a look before you pass it on.

To bring the same stack up on another machine:

    git checkout ${commit}
    cp Pulumi.${stack}.yaml CHECKOUT/Pulumi.${stack}.yaml
    npm run up -- ${stack}

Where the file says "[secret]", put a value of your own. Addresses that this machine uses itself are named, with the key to
change, before anything starts.

  Pulumi.${stack}.yaml  the stack file, without comments and secrets
  plan.json       the plan that follows from it
  state.json      Pulumi's state, without secrets
  matrix.json     the matrix as the last update measured it
  nodes/          addresses, routes, packet filter and CNI configuration of each node, and the log of its agent
  logs/           the ends of the logs of the set-up
  versions.json   of programs, engine and machine
  problems.txt    what could not be found out
`;
}

function json(value: unknown): string {
    return `${JSON.stringify(value, null, 2)}\n`;
}
