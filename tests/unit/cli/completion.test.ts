import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { Argument, Command } from "commander";
import { stackCommand } from "../../../cli/commandLine.ts";
import { completionScript } from "../../../cli/completion.ts";
import { temporaryDirectory } from "../temporary.ts";

describe("completion", () => {
    const temporary = temporaryDirectory();
    const program = new Command("x")
        .addCommand(stackCommand("up").summary("bring it up: it's easy").argument("[stack]"))
        .addCommand(stackCommand("use").summary("switch").argument("<cluster>").argument("[stack]"))
        .addCommand(
            new Command("test")
                .summary("test")
                .option("--hard", "harder")
                .addArgument(new Argument("[suite]").choices(["unit", "e2e"])),
        );

    /** A checkout whose path no shell must take apart. */
    function checkout() {
        const project = temporary("it's $HOME here");
        const stateDir = `${project}/.multinet`;
        mkdirSync(`${stateDir}/kubeconfigs/dev`, { recursive: true });
        for (const file of ["Pulumi.yaml", "Pulumi.dev.yaml", "Pulumi.my-lab.yaml"]) {
            writeFileSync(`${project}/${file}`, "");
        }
        for (const file of ["edge1.yaml", "edge2.yaml", "edge1.yaml.lock", "all.kubeconfig"]) {
            writeFileSync(`${stateDir}/kubeconfigs/dev/${file}`, "");
        }
        return { project, stateDir };
    }

    const cases = {
        "multinet ": ["up", "use", "test", "--help"],
        "multinet u": ["up", "use"],
        "multinet up ": ["-s", "--stack", "--config-file", "--help", "dev", "my-lab"],
        "multinet up --st": ["--stack"],
        "multinet up --stack ": ["dev", "my-lab"],
        "multinet use -s d": ["dev"],
        "multinet use e": ["edge1", "edge2"],
        "multinet test ": ["--hard", "--help", "unit", "e2e"],
        "multinet nothing ": [],
    };

    it("offers commands, options and names in bash", () => {
        const script = completionScript("bash", program, checkout());
        for (const [line, expected] of Object.entries(cases)) {
            const words = line.split(" ");
            const ask = `COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length - 1}
                _multinet; printf '%s\\n' "\${COMPREPLY[@]}"`;
            const said = execFileSync("bash", ["-c", `${script}${ask}`], { encoding: "utf8" });
            assert.deepEqual(said.split("\n").filter(Boolean), expected, line);
        }
    });

    it("offers nothing where there is no stack yet", () => {
        const nowhere = { project: temporary("gone"), stateDir: temporary("gone/.multinet") };
        const script = completionScript("bash", program, nowhere);
        const ask = `COMP_WORDS=(multinet use --stack ''); COMP_CWORD=3; _multinet; echo "\${#COMPREPLY[@]}"`;
        const { stdout, stderr } = spawnSync("bash", ["-c", `${script}${ask}`], {
            encoding: "utf8",
        });
        assert.deepEqual([stdout, stderr], ["0\n", ""]);
    });

    it("is the same script in zsh, after what lets zsh read it", () => {
        const names = checkout();
        const script = completionScript("zsh", program, names);
        assert.ok(script.endsWith(completionScript("bash", program, names)));
        assert.match(script, /autoload -U bashcompinit && bashcompinit\n/);
    });

    it("quotes for fish what its own descriptions and paths contain", () => {
        const script = completionScript("fish", program, checkout());
        assert.ok(script.includes("-a up -d 'bring it up: it\\'s easy'"));
        assert.match(
            script,
            /function multinet; node '.*it\\'s \$HOME here\/multinet\.mjs' \$argv/,
        );
        assert.match(script, /from up' -s s -l stack -x -a '\(__multinet_stack\)'/);
        assert.match(script, /from test' -a 'unit e2e'/);
    });

    it("works in fish, where that is installed", function () {
        if (spawnSync("fish", ["--version"]).error) {
            this.skip();
        }
        const script = completionScript("fish", program, checkout());
        const ask = "complete -C 'multinet use e'";
        const said = execFileSync("fish", ["-c", `${script}\n${ask}`], { encoding: "utf8" });
        assert.deepEqual(
            said.split("\n").map((line) => line.split("\t")[0]),
            ["edge1", "edge2", ""],
        );
    });
});
