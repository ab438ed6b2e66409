import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { patient } from "../../plan/patience.ts";

const run = promisify(execFile);

/** The container engine's program. */
type Engine = "docker" | "podman";

/** Runs a program and returns its output lines, sorted. */
async function lines(program: string, ...args: string[]): Promise<string[]> {
    const { stdout } = await run(program, args);
    return stdout.split("\n").filter(Boolean).sort();
}

/**
 * Everything a stack may leave behind on this machine: what it shows before `up` and after `destroy` is the same.
 * `folder` holds the stack's kubeconfigs.
 */
export async function world(folder: string, engine: Engine = "docker") {
    return {
        containers: await lines(engine, "ps", "--all", "--format", "{{.ID}} {{.Names}}"),
        networks: await lines(engine, "network", "ls", "--format", "{{.ID}} {{.Name}}"),
        volumes: await lines(engine, "volume", "ls", "--quiet"),
        links: await lines("ip", "-brief", "link").then((links) =>
            links.map((link) => link.split(/[@\s]/)[0]),
        ),
        routes: await lines("ip", "route", "show", "table", "all"),
        files: files(folder),
        credentials: credentials(basename(folder)),
    };
}

/** Copies of the kubeconfigs of a stack among temporary files: those of the machine, and those of the project's plugins. */
function credentials(stack: string): string[] {
    const home = process.env["PULUMI_HOME"] ?? "";
    return [
        ...readdirSync(tmpdir()).map((name) => join(tmpdir(), name)),
        ...files(join(home, "tmp")).map((name) => join(home, "tmp", name)),
    ].filter(
        (path) =>
            /^kubeconfig\d+$/.test(basename(path)) &&
            text(path).includes(`kind-multinet-${stack}-`),
    );
}

/** Empty when the file is gone: another stack's plugins remove theirs meanwhile. */
function text(file: string): string {
    try {
        return readFileSync(file, "utf8");
    } catch {
        return "";
    }
}

function files(folder: string): string[] {
    try {
        return readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
    } catch {
        return [];
    }
}

/** When each container was started: another time means that it was touched. */
export async function startTimes(
    prefix: string,
    engine: Engine = "docker",
): Promise<Record<string, string>> {
    const ids = await lines(engine, "ps", "--quiet", "--filter", `name=^${prefix}`);
    if (ids.length === 0) {
        return {};
    }
    const found = await lines(
        engine,
        "inspect",
        "--format",
        "{{.Name}} {{.State.StartedAt}}",
        ...ids,
    );
    // Podman writes the time with spaces.
    return Object.fromEntries(
        found.map((line) => [line.slice(0, line.indexOf(" ")), line.slice(line.indexOf(" ") + 1)]),
    );
}

/** Asks until the answer is yes; fails with the last doubt when time is up. */
export async function until(seconds: number, ask: () => Promise<true | string>): Promise<void> {
    const end = Date.now() + patient(seconds) * 1000;
    for (;;) {
        const answer = await ask().catch((error: Error) => error.message);
        if (answer === true) {
            return;
        }
        if (Date.now() > end) {
            throw new Error(`not within ${patient(seconds)} s: ${answer}`);
        }
        await new Promise((resolve) => setTimeout(resolve, 500));
    }
}
