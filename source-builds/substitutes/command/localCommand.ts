import { randomBytes } from "node:crypto";
import { UNKNOWN } from "../../../provider/resource.ts";
import type { Call, Resource, Value } from "../../../provider/resource.ts";
import { anything, changesOf, checkInputs, flag, listOf, oneOf, text, textMap } from "../inputs.ts";
import type { InputSchema } from "../inputs.ts";
import { refuseImport } from "../serve.ts";
import { run } from "./run.ts";

type CommandInputs = {
    create?: string;
    update?: string;
    delete?: string;
    interpreter?: string[];
    dir?: string;
    environment?: Record<string, string>;
    stdin?: string;
    logging?: "stdout" | "stderr" | "stdoutAndStderr" | "none";
    triggers?: Value[];
    addPreviousOutputInEnv?: boolean;
};

type Output = { stdout: string; stderr: string };

type CommandOutputs = CommandInputs & Output;

const SCHEMA: InputSchema = {
    properties: {
        create: text,
        update: text,
        delete: text,
        interpreter: listOf(text),
        dir: text,
        environment: textMap,
        stdin: text,
        logging: oneOf("stdout", "stderr", "stdoutAndStderr", "none"),
        triggers: listOf(anything),
        addPreviousOutputInEnv: flag,
    },
    required: [],
    // Whatever the original's text says of triggers and update, its SDK asks for a replacement.
    replacing: ["triggers"],
    unordered: [],
};

const NOTHING: Output = { stdout: "", stderr: "" };
const NOT_YET: Output = { stdout: UNKNOWN, stderr: UNKNOWN };

/**
 * `command:local:Command`: runs a command when it is created, another when its inputs change, a third when it is deleted.
 * Like the original it never looks at the world: there is nothing to refresh.
 */
export const localCommand: Resource<CommandInputs, CommandOutputs> = {
    async check(given) {
        const { inputs, failures } = checkInputs(SCHEMA, given);
        return { inputs: { addPreviousOutputInEnv: true, ...inputs }, failures };
    },

    async diff(old, inputs) {
        return { changes: changesOf(SCHEMA, old.inputs, inputs) };
    },

    async create(inputs, call) {
        const id = call.preview ? "" : `${nameOf(call.urn)}${randomBytes(4).toString("hex")}`;
        return { id, outputs: await outcome(inputs.create, inputs, NOTHING, call) };
    },

    async read(recorded) {
        refuseImport(recorded);
        return recorded;
    },

    async update(old, inputs, call) {
        return outcome(inputs.update ?? inputs.create, inputs, old.outputs, call);
    },

    async delete({ inputs, outputs }, call) {
        await outcome(inputs.delete, inputs, outputs, call);
    },
};

/** The outputs after `command` ran; without one, those of the last run stay. */
async function outcome(
    command: string | undefined,
    inputs: CommandInputs,
    { stdout, stderr }: Output,
    call: Call,
): Promise<CommandOutputs> {
    if (command === undefined) {
        return { ...inputs, stdout, stderr };
    }
    if (call.preview) {
        return { ...inputs, ...NOT_YET };
    }
    const { logging = "stdoutAndStderr", interpreter = [] } = inputs;
    const output = await run(command, {
        interpreter: interpreter.length > 0 ? interpreter : ["/bin/sh", "-c"],
        dir: inputs.dir,
        environment: {
            ...inputs.environment,
            ...(inputs.addPreviousOutputInEnv === false ? {} : previous({ stdout, stderr })),
        },
        stdin: inputs.stdin ?? "",
        signal: call.signal,
        onLine(stream, line) {
            if (logging === stream || logging === "stdoutAndStderr") {
                call.log("status", line);
            }
        },
    });
    return { ...inputs, ...output };
}

function previous({ stdout, stderr }: Output): Record<string, string> {
    return {
        ...(stdout === "" ? {} : { PULUMI_COMMAND_STDOUT: stdout }),
        ...(stderr === "" ? {} : { PULUMI_COMMAND_STDERR: stderr }),
    };
}

/** The last part of `urn:pulumi:stack::project::type::name`. */
function nameOf(urn: string): string {
    return urn.split("::").slice(3).join("::");
}
