import { Argument, Command } from "commander";
import { completionScript, SHELLS } from "../completion.ts";
import { PROJECT, STATE_DIR } from "../project.ts";

export const words = new Command("completion")
    .summary("print a script for bash, zsh or fish that completes commands")
    .description(
        "Prints a script that defines the command `multinet` in a shell, with completion of commands, options, stacks and " +
            'clusters. In bash and zsh: eval "$(node multinet.mjs completion bash)"; in fish: node multinet.mjs completion ' +
            "fish | source",
    )
    .addArgument(new Argument("<shell>", "the shell").choices(SHELLS));

export async function run(words: Command): Promise<number> {
    const shell = words.args[0] as (typeof SHELLS)[number];
    const script = completionScript(shell, words.parent!, {
        project: PROJECT,
        stateDir: STATE_DIR,
    });
    process.stdout.write(script);
    return 0;
}
