import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { backendFolder } from "./backend.ts";
import type { StackPlace } from "./checkpoint.ts";
import { hasOwnPassphrase } from "../setup/environment.ts";
import { CommandFailed, foreground, run } from "../../system/process.ts";
import { configFileOf, STATE_DIR, PROJECT, TYPED_IN, type StackFile } from "../project.ts";

export const PROJECT_NAME = "multinet";

/** The stack that a command works on where none was named or selected. */
const DEFAULT = "dev";

/** The stack that a command is about. */
export interface Choice extends StackFile {
    /** What Pulumi calls it: its name, perhaps after organization and project. */
    reference: string;
    /** The file was named on the command line, not derived from the stack's name. */
    ownConfigFile: boolean;
    /** Arguments that say nothing about the stack. */
    rest: string[];
}

/**
 * Reads `--stack NAME` and `--config-file FILE`, a path from the directory `from`; without them it is the selected
 * stack, else `dev`.
 */
export function chooseStack(args: string[], from = TYPED_IN): Choice {
    const { values, tokens } = parseArgs({
        args,
        strict: false,
        tokens: true,
        options: { stack: { type: "string", short: "s" }, "config-file": { type: "string" } },
    });
    const taken = new Set<number>();
    for (const token of tokens) {
        if (token.kind !== "option" || !["stack", "config-file"].includes(token.name)) {
            continue;
        }
        taken.add(token.index);
        if (token.value !== undefined && !token.inlineValue) {
            taken.add(token.index + 1);
        }
    }
    for (const option of ["stack", "config-file"] as const) {
        if (values[option] === true || values[option] === "") {
            throw new Error(`--${option} needs a value.`);
        }
    }
    const reference =
        typeof values.stack === "string" ? values.stack : (selectedStack() ?? DEFAULT);
    const name = reference.split("/").at(-1)!;
    const file = values["config-file"];
    return {
        name,
        reference,
        configFile: typeof file === "string" ? resolve(from, file) : configFileOf(name),
        ownConfigFile: typeof file === "string",
        rest: args.filter((_, index) => !taken.has(index)),
    };
}

/** Arguments for `chooseStack`, of a command line that may name the stack by a word of its own. */
export function stackArguments(
    words: string[],
    values: { stack?: string | undefined; "config-file"?: string | undefined },
): string[] {
    const { stack: named, "config-file": file } = values;
    const [stack = named, ...more] = words;
    if (more.length > 0) {
        throw new Error(`One stack at a time: ${words.join(", ")}.`);
    }
    return [
        ...(stack === undefined ? [] : ["--stack", stack]),
        ...(file === undefined ? [] : ["--config-file", file]),
    ];
}

/** File backends have no organizations: Pulumi puts this in front of their stacks when it writes a name in full. */
const NO_ORGANIZATION = `organization/${PROJECT_NAME}/`;

/** What `pulumi stack select` was last told for this project; in full, as the same name may be in two organizations. */
export function selectedStack(home = join(STATE_DIR, "home")): string | undefined {
    const hash = createHash("sha1").update(join(PROJECT, "Pulumi.yaml")).digest("hex");
    const file = join(home, "workspaces", `${PROJECT_NAME}-${hash}-workspace.json`);
    try {
        const { stack } = JSON.parse(readFileSync(file, "utf8")) as { stack?: unknown };
        if (typeof stack !== "string" || stack === "") {
            return undefined;
        }
        return stack.startsWith(NO_ORGANIZATION) ? stack.slice(NO_ORGANIZATION.length) : stack;
    } catch {
        return undefined; // none was selected yet
    }
}

/** What to say when another stack was selected: a plain `pulumi destroy` works on that one from now on. */
export function selectionNotice(before: string, now: string): string | undefined {
    if (now === before) {
        return undefined;
    }
    return (
        `Commands that name no stack (pulumi destroy, npm run verify ...) now work on "${now}", no longer on ` +
        `"${before}". Back: pulumi stack select ${before}`
    );
}

/** A resource as it is in an exported state; only what is used here. */
export interface StateResource {
    urn: string;
    type: string;
    id?: string;
    provider?: string;
    /** Its deletion is done, the creation of what replaces it is not. */
    pendingReplacement?: boolean;
    inputs?: Record<string, unknown>;
    outputs?: Record<string, unknown>;
}

export interface State {
    version: number;
    deployment: {
        resources?: StateResource[];
        pending_operations?: { type: string; resource: StateResource }[];
    };
}

/** One stack of this project, worked on through the `pulumi` command line. */
export class Stack {
    readonly name: string;
    /** The same for Pulumi: in full where there are organizations. */
    readonly reference: string;
    readonly env: NodeJS.ProcessEnv;
    /** Its state is a copy that was put back, and may know less than there is. */
    isRestored = false;
    private readonly choice: Choice;

    constructor(choice: Choice, environment: Record<string, string>) {
        this.name = choice.name;
        this.reference = choice.reference;
        this.choice = choice;
        this.env = { ...process.env, ...environment };
    }

    /** Where a file backend keeps this stack; undefined for other backends. */
    get place(): StackPlace | undefined {
        const folder = backendFolder(this.env["PULUMI_BACKEND_URL"]);
        return folder === undefined
            ? undefined
            : { folder, project: PROJECT_NAME, stack: this.name };
    }

    /** Creates the stack if it is not there, and makes it the one that plain `pulumi` works on. */
    async select(): Promise<void> {
        if (this.choice.ownConfigFile) {
            return;
        } // it belongs to another set-up
        const before = selectedStack() ?? DEFAULT;
        try {
            await this.run(["stack", "select", "--create", this.reference]);
        } catch (error) {
            if (
                !(error instanceof CommandFailed) ||
                !error.message.includes("incorrect passphrase")
            ) {
                throw error;
            }
            throw new Error(
                `Pulumi.${this.name}.yaml has an "encryptionsalt" that belongs to another passphrase than ` +
                    `${hasOwnPassphrase(process.env) ? "the one that you have set in PULUMI_CONFIG_PASSPHRASE(_FILE)" : "the empty one"}. ` +
                    "Set the right passphrase (none for the files that came with this project), or delete that line " +
                    "if this stack holds no secrets yet.",
            );
        }
        const notice = selectionNotice(before, selectedStack() ?? DEFAULT);
        if (notice !== undefined) {
            console.error(notice);
        }
    }

    /** Runs `pulumi up` on this terminal, with more environment variables, and returns its exit code. */
    up(flags: string[], env: NodeJS.ProcessEnv = {}): Promise<number> {
        const file = this.choice.ownConfigFile ? ["--config-file", this.choice.configFile] : [];
        const args = ["up", "--yes", "--stack", this.reference, ...file, ...flags];
        return foreground("pulumi", args, { cwd: PROJECT, env: { ...this.env, ...env } });
    }

    /** Secrets in it stay encrypted. */
    async state(): Promise<State> {
        return JSON.parse(await this.run(["stack", "export", "--stack", this.reference])) as State;
    }

    /** Puts a state back; Pulumi drops its pending operations on the way. */
    async replaceState(state: State): Promise<void> {
        const input = JSON.stringify(state);
        await this.run(["stack", "import", "--stack", this.reference], input);
    }

    async outputs<T>(): Promise<T> {
        return JSON.parse(
            await this.run(["stack", "output", "--json", "--stack", this.reference]),
        ) as T;
    }

    /** Whether Pulumi knows this stack. */
    async exists(): Promise<boolean> {
        try {
            await this.state();
            return true;
        } catch (error) {
            if (error instanceof CommandFailed && error.message.includes("no stack named")) {
                return false;
            }
            throw error;
        }
    }

    /** Removes the stack's state, whatever is in it. Its configuration file stays. */
    async forget(): Promise<void> {
        const flags = ["--force", "--yes", "--preserve-config"];
        await this.run(["stack", "rm", ...flags, "--stack", this.reference]);
    }

    private run(args: string[], input?: string): Promise<string> {
        const env = Object.fromEntries(
            Object.entries(this.env).filter(
                (entry): entry is [string, string] => entry[1] !== undefined,
            ),
        );
        const all = [...args, "--non-interactive"];
        return run("pulumi", all, { cwd: PROJECT, env, ...(input === undefined ? {} : { input }) });
    }
}
