import { accessSync, constants } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { LIMITS, run } from "../../system/process.ts";
import { versions } from "../../plan/versions.ts";

/** A program that multinet uses and the machine may have already. */
interface Tool {
    /** The artifact that is used otherwise. */
    artifact: string;
    program: string;
    /** Asks the program for its version. */
    args: string[];
    /** What its answer must contain. */
    answer: string;
    /** Programs that must be beside it. */
    beside?: string[];
}

export const TOOLS: Tool[] = [
    { artifact: "kind", program: "kind", args: ["version"], answer: `kind ${versions.kind} ` },
    {
        artifact: "kubectl",
        program: "kubectl",
        args: ["version", "--client"],
        answer: `Client Version: ${versions.kubernetes}\n`,
    },
    {
        artifact: "pulumi",
        program: "pulumi",
        args: ["version"],
        answer: `${versions.pulumi}\n`,
        beside: ["pulumi-language-nodejs"],
    },
];

/** Artifacts that are not needed because a program of the right version is in one of these directories. */
export async function foundOnPath(directories: string[]): Promise<Set<string>> {
    const found = await Promise.all(TOOLS.map((tool) => isRight(tool, directories)));
    return new Set(TOOLS.filter((_, index) => found[index]).map(({ artifact }) => artifact));
}

async function isRight(tool: Tool, directories: string[]): Promise<boolean> {
    const program = locate(tool.program, directories);
    if (!program) {
        return false;
    }
    const complete = (tool.beside ?? []).every((name) => isProgram(join(dirname(program), name)));
    if (!complete) {
        return false;
    }
    const answer = await run(program, tool.args, { limit: LIMITS.answer }).catch(() => "");
    return answer.includes(tool.answer);
}

/** The first program of this name in these directories. */
export function locate(program: string, directories = pathDirectories()): string | undefined {
    return directories.map((directory) => join(directory, program)).find(isProgram);
}

export function pathDirectories(env: NodeJS.ProcessEnv = process.env): string[] {
    return (env["PATH"] ?? "").split(delimiter).filter(Boolean);
}

function isProgram(path: string): boolean {
    try {
        accessSync(path, constants.X_OK);
        return true;
    } catch {
        return false;
    }
}
