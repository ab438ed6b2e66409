import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";

/** Runs a program with a stream as its standard input; an error ends with what it wrote. */
export async function feed(
    program: string,
    args: string[],
    input: AsyncIterable<Buffer>,
    signal: AbortSignal,
): Promise<void> {
    const child = spawn(program, args, { stdio: ["pipe", "ignore", "pipe"], signal });
    const ended = new Promise<string>((resolve, reject) => {
        child.once("error", reject);
        child.once("close", (code, killed) => resolve(killed ?? `exit code ${code}`));
    });
    // A program that ends early closes its input: then its own words say more than the broken pipe.
    const fed = pipeline(input, child.stdin, { signal }).then(
        () => undefined,
        (error: Error) => error,
    );
    const [end, said, broken] = await Promise.all([ended, text(child.stderr), fed]);
    if (end !== "exit code 0") {
        const command = [program, ...args].join(" ");
        throw new Error(`"${command}" ended with ${end}. It said: ${said.trim() || "nothing"}`, {
            cause: broken,
        });
    }
    if (broken) throw broken;
}
