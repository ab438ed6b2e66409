import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { PROJECT } from "../../../cli/project.ts";
import { identity, isAlive, type ProcessIdentity } from "../../../system/processIdentity.ts";
import { temporaryDirectory } from "../temporary.ts";

/** How long a part of an order may come after another one, with some room. */
const APART = 700;

describe("interrupting a command", () => {
    const temporary = temporaryDirectory();
    let command: ChildProcess;
    let code: Promise<number | null>;

    afterEach(() => {
        if (command.exitCode === null && command.signalCode === null) {
            signalGroup("SIGKILL");
        }
    });

    /** A process as main.ts makes it, that runs `script` (bash) in the given way; in a group of its own. */
    async function start(how: "run" | "foreground", script: string): Promise<ProcessIdentity> {
        writeFileSync(temporary("child.sh"), `${script}\n`);
        const modules = pathToFileURL(join(PROJECT, "system")).href;
        const program = `
            const { interrupts } = await import("${modules}/interrupts.ts");
            const { foreground, run } = await import("${modules}/process.ts");
            interrupts.listen();
            const args = ["bash", ["${temporary("child.sh")}"]];
            const done = ${how === "run" ? "run(...args, { signal: interrupts.signal })" : "foreground(...args)"};
            const code = await done.catch(() => 130);
            process.exitCode = code === 0 ? 0 : Number(code);
        `;
        command = spawn(process.execPath, ["--input-type=module", "--eval", program], {
            stdio: ["ignore", "ignore", "inherit"],
            detached: true,
        });
        code = once(command, "close").then(([code]) => code as number | null);
        for (;;) {
            const pid = Number(read("pid"));
            if (pid > 0) {
                return identity(pid);
            }
            await sleep(10);
        }
    }

    const read = (name: string) => {
        try {
            return readFileSync(temporary(name), "utf8");
        } catch {
            return "";
        }
    };
    const signalGroup = (signal: NodeJS.Signals) => process.kill(-command.pid!, signal);
    /** Counts the signals that it gets, in a file, and goes on. */
    const counting = () => `
        trap 'echo TERM >> ${temporary("got")}' TERM; trap 'echo INT >> ${temporary("got")}' INT
        echo $$ > ${temporary("pid")}
        while [ ! -e ${temporary("end")} ]; do sleep 0.1; done`;

    it("the first time ends what is run, the second time at once", async () => {
        const child = await start("run", counting());
        signalGroup("SIGINT");
        while (read("got") !== "TERM\n") {
            await sleep(10);
        } // asked to end
        assert.ok(isAlive(child));
        await sleep(APART);
        signalGroup("SIGINT");
        assert.equal(await code, 130);
        while (isAlive(child)) {
            await sleep(10);
        }
    });

    it("leaves a program in the foreground to itself, and never tells it twice", async () => {
        await start("foreground", counting());
        // As `timeout` and a service manager do: to all processes, and multinet.mjs passes it on.
        for (const signal of ["SIGTERM", "SIGUSR2", "SIGUSR2"] as const) {
            if (signal === "SIGUSR2") {
                command.kill(signal);
            } else {
                signalGroup(signal);
            }
        }
        await sleep(2 * APART); // longer than it waits for a signal's other way
        assert.equal(read("got"), "TERM\n");
        writeFileSync(temporary("end"), "");
        assert.equal(await code, 0);
    });

    it("passes on what only multinet.mjs got", async () => {
        await start("foreground", counting());
        command.kill("SIGUSR2");
        while (read("got") !== "TERM\n") {
            await sleep(10);
        }
        writeFileSync(temporary("end"), "");
        assert.equal(await code, 0);
    });

    it("the third time kills the foreground and all that descends from it", async () => {
        const child = await start(
            "foreground",
            `trap '' INT; setsid sleep 60 & echo $! > ${temporary("pid")}; while :; do wait; sleep 0.1; done`,
        );
        let ended = false;
        void code.then(() => (ended = true));
        for (let time = 0; !ended; time++) {
            assert.ok(time < 10);
            signalGroup("SIGINT");
            await sleep(APART);
        }
        assert.equal(await code, 130);
        while (isAlive(child)) {
            await sleep(10);
        }
    });
});
