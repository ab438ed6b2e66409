import type { Argument, Command, Option } from "commander";
import { join } from "node:path";

/** Where names are read that the user chooses; a shell lists them itself, as starting Node for each Tab takes long. */
export interface Names {
    project: string;
    stateDir: string;
}

export const SHELLS = ["bash", "zsh", "fish"] as const;

/** What a shell must know of a command. */
interface Word {
    name: string;
    summary: string;
    options: Option[];
    arguments: Argument[];
}

/** The script that defines the command `multinet` in a shell, with completion made from the words of all commands. */
export function completionScript(
    shell: (typeof SHELLS)[number],
    program: Command,
    names: Names,
): string {
    const words = program.commands.map((command) => ({
        name: command.name(),
        summary: command.summary(),
        options: command.options.filter((option) => !option.hidden),
        arguments: [...command.registeredArguments],
    }));
    return shell === "fish"
        ? fish(words, names)
        : `${shell === "zsh" ? ZSH : ""}${bash(words, names)}`;
}

/** Lets zsh understand the script for bash. */
const ZSH =
    "(( $+functions[compdef] )) || { autoload -U compinit && compinit; }\nautoload -U bashcompinit && bashcompinit\n";

/** Commands, the same in all shells, that list what an argument of this name may be. */
function lists({ project, stateDir }: Names, quote: (text: string) => string) {
    // No glob: zsh and fish complain of one that matches nothing. `command`: find may be an alias.
    const find = (folder: string, depth: number, name: string) =>
        `command find ${quote(folder)} -mindepth ${depth} -maxdepth ${depth} -name '${name}' 2>/dev/null`;
    return {
        stack: `${find(project, 1, "Pulumi.*.yaml")} | sed 's|.*/Pulumi\\.||; s|\\.yaml$||' | sort`,
        cluster: `${find(join(stateDir, "kubeconfigs"), 2, "*.yaml")} | sed 's|.*/||; s|\\.yaml$||' | sort -u`,
    };
}

type Listed = keyof ReturnType<typeof lists>;

const isListed = (name: string): name is Listed => name === "stack" || name === "cluster";

/** Name of what an option takes, from `--stack <stack>`. */
function valueOf({ flags }: Option): string | undefined {
    return /[<[](.+)[\]>]$/.exec(flags)?.[1];
}

function bash(words: Word[], names: Names): string {
    const { stack, cluster } = lists(names, (text) => `'${text.replaceAll("'", `'\\''`)}'`);
    const call = (name: string) => (isListed(name) ? [`$(_multinet_${name})`] : []);
    const cases = words.map(({ name, options, arguments: own }) => {
        const flags = options.flatMap(({ short, long }) => [short, long].filter(Boolean));
        const values = own.flatMap((one) => one.argChoices ?? call(one.name()));
        return `        ${name}) words="${[...flags, "--help", ...values].join(" ")}" ;;`;
    });
    return `multinet() { node '${join(names.project, "multinet.mjs").replaceAll("'", `'\\''`)}' "$@"; }
_multinet_stack() { ${stack}; }
_multinet_cluster() { ${cluster}; }
_multinet() {
    local word="\${COMP_WORDS[COMP_CWORD]}" words=""
    case "$COMP_CWORD \${COMP_WORDS[1]} \${COMP_WORDS[COMP_CWORD-1]}" in
        1\\ *) words="${words.map(({ name }) => name).join(" ")} --help" ;;
        *\\ -s | *\\ --stack) words="$(_multinet_stack)" ;;
        *\\ --config-file) ;;
        *) case "\${COMP_WORDS[1]}" in
${cases.join("\n")}
        esac ;;
    esac
    COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _multinet multinet
`;
}

function fish(words: Word[], names: Names): string {
    const quote = (text: string) => `'${text.replaceAll(/[\\']/g, "\\$&")}'`;
    const { stack, cluster } = lists(names, quote);
    const values = (name: string) => (isListed(name) ? quote(`(__multinet_${name})`) : undefined);
    const lines = words.flatMap(({ name, summary, options, arguments: own }) => {
        const within = `complete -c multinet -n '__fish_seen_subcommand_from ${name}'`;
        return [
            `complete -c multinet -n __fish_use_subcommand -a ${name} -d ${quote(summary)}`,
            ...options.map((option) => {
                const value = valueOf(option);
                const list = value === undefined ? undefined : values(value);
                const takes = list ? ` -x -a ${list}` : value === undefined ? "" : " -r -F";
                const short = option.short ? ` -s ${option.short.slice(1)}` : "";
                return `${within}${short} -l ${option.long!.slice(2)}${takes} -d ${quote(option.description)}`;
            }),
            ...own.flatMap((one) => {
                const list = one.argChoices ? quote(one.argChoices.join(" ")) : values(one.name());
                return list ? [`${within} -a ${list} -d ${quote(one.name())}`] : [];
            }),
        ];
    });
    return `function multinet; node ${quote(join(names.project, "multinet.mjs"))} $argv; end
function __multinet_stack; ${stack}; end
function __multinet_cluster; ${cluster}; end
complete -c multinet -f
complete -c multinet -l help -d 'print help'
${lines.join("\n")}
`;
}
