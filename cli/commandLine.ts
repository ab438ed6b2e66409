import { Command, CommanderError, InvalidArgumentError } from "commander";

/** Exit code for a command line that is refused: nothing was started. */
export const MISUSE = 2;

/** What each file of `cli/commands` exports. */
export interface CommandFile {
    /** Name, arguments and options: help, checks and completion are made of them. */
    words: Command;
    /** Changes the arguments before they are read. */
    separate?: (args: string[]) => string[];
    /** Does it, with what `words` has read, and returns the exit code. */
    run: (words: Command, signal: AbortSignal) => Promise<number>;
}

/** Files of commands by name, loaded when they are called for: most use packages that must be installed first. */
export type CommandFiles = Record<string, () => Promise<CommandFile>>;

export const DEVELOPMENT = "For work on multinet itself:";

/** Which stack a command is about; see `chooseStack`. */
export type StackOptions = { stack?: string | undefined; configFile?: string | undefined };

/** A command about one stack, with the options that every such command has. */
export function stackCommand(name: string): Command {
    return new Command(name)
        .option(
            "-s, --stack <stack>",
            "the stack; default: the selected one, else dev",
            given("--stack"),
        )
        .option(
            "--config-file <file>",
            "its configuration; default: Pulumi.STACK.yaml",
            given("--config-file"),
        );
}

/** Refuses what can only be the next option. */
function given(option: string): (value: string) => string {
    return (value) => {
        if (value === "" || value.startsWith("-")) {
            throw new InvalidArgumentError(`${option} needs a value.`);
        }
        return value;
    };
}

/** Splits what `pulumi up` may be given, of which a stack's name comes first, if at all. */
export function stackAndFlags(args: string[]): { stack?: string; flags: string[] } {
    const [first, ...others] = args;
    return first === undefined || first.startsWith("-")
        ? { flags: args }
        : { stack: first, flags: others };
}

/**
 * Runs the command that `args` name and returns its exit code: 0 for help, `MISUSE` after saying what is wrong with the
 * arguments. Only the command's own file is loaded, unless all are `needed`, as for help about all.
 */
export async function runCommandLine(
    files: CommandFiles,
    args: string[],
    signal: AbortSignal,
    needed: (name: string) => boolean = () => false,
): Promise<number> {
    const [name = "", ...own] = args;
    const alone = Object.hasOwn(files, name) && !needed(name);
    const loads = alone ? [files[name]!] : Object.values(files);
    const loaded = await Promise.all(loads.map((load) => load()));
    const separate = loaded.find(({ words }) => words.name() === name)?.separate;
    let code = 0;
    const program = newProgram();
    for (const { words, run } of loaded) {
        words.exitOverride().action(async () => {
            code = await run(words, signal);
        });
        program.addCommand(words);
    }
    try {
        await program.parseAsync(separate ? [name, ...separate(own)] : args, { from: "user" });
        return code;
    } catch (error) {
        if (error instanceof CommanderError) {
            return error.exitCode === 0 ? 0 : MISUSE;
        }
        throw error;
    }
}

function newProgram(): Command {
    return new Command("node multinet.mjs")
        .description("A multi-cluster, multi-network Kubernetes testbed on this machine.")
        .enablePositionalOptions()
        .addHelpText(
            "after",
            "\nNearly each of them is a script of npm, too: npm run COMMAND -- ARGUMENTS. More about one: COMMAND --help.\n" +
                "Exit codes: 0 done, 1 failed, 2 refused arguments, 130 interrupted; docs/setup.md has all.",
        )
        .exitOverride();
}
