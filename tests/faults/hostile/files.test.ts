import assert from "node:assert/strict";
import {
    existsSync,
    lstatSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    rmSync,
    symlinkSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { LocalImages } from "../../../cli/setup/localImages.ts";
import { STATE_DIR } from "../../../cli/project.ts";
import { PROJECT_NAME } from "../../../cli/state/stack.ts";
import type { Result } from "../../e2e/stack.ts";
import { Checkout } from "../checkout.ts";
import { converged, reset, succeeded, tail, type Config } from "../converged.ts";
import { faultStack } from "../faultStack.ts";
import { faultClass } from "../ledger.ts";

const config: Config = { clusters: { edge1: {} } };

/** What may become of a file. */
const damages: Record<string, (text: string) => string> = {
    empty: () => "",
    truncated: (text) => text.slice(0, Math.floor(text.length / 2)),
    corrupt: (text) => `\u0000${text.slice(1, -10)}\u00ff{[garbage`,
};

/** A command got over it, or said which file is to blame, in a sentence and not as a crash. */
function coped({ code, output }: Result, file: string): string {
    assert.doesNotMatch(output, /^\s+at .*\(?(file|node):|SyntaxError|TypeError/m, tail(output));
    if (code === 0) {
        return "healed";
    }
    assert.ok(
        output.includes(basename(file)) || output.includes(basename(dirname(file))),
        `it does not name ${file}:\n${tail(output)}`,
    );
    return "refused";
}

faultClass(
    {
        name: "hostile-files",
        title: "empty, truncated and corrupt versions of every file that is written",
        least: 30,
    },
    (ledger) => {
        const stack = faultStack("f-files");
        const stacks = (name: string) => join(stack.state, ".pulumi", "stacks", PROJECT_NAME, name);
        const start = async () => {
            stack.configure(config);
            succeeded(await stack.command("up", ["--yes", "--skip-preview"]), "npm run up");
            await converged(stack, config);
        };
        const workspaces = join(STATE_DIR, "home", "workspaces");
        const selections = new Map<string, string>();
        const chosen = () =>
            existsSync(workspaces)
                ? readdirSync(workspaces).map((name) => join(workspaces, name))
                : [];
        before(async () => {
            for (const file of chosen()) {
                selections.set(file, readFileSync(file, "utf8"));
            }
            await start();
            await stack.expect(["stack", "select"]);
        });
        after(() => {
            rmSync(workspaces, { recursive: true, force: true });
            if (selections.size > 0) {
                mkdirSync(workspaces, { mode: 0o700 });
            }
            for (const [file, text] of selections) {
                writeFileSync(file, text, { mode: 0o600 });
            }
        });

        /** Damages files, lets `npm run up` cope with it, and checks the stack. */
        async function damaged(files: string[], how: (text: string) => string): Promise<string> {
            const texts = files.map((file) => readFileSync(file, "utf8"));
            for (const [index, file] of files.entries()) {
                writeFileSync(file, how(texts[index]!));
            }
            const result = await stack.command("up", ["--yes", "--skip-preview"]);
            let came;
            try {
                came = coped(result, files[0]!);
            } finally {
                if (result.code !== 0) {
                    for (const [index, file] of files.entries()) {
                        writeFileSync(file, texts[index]!);
                    }
                }
            }
            await converged(stack, config);
            return came;
        }

        const files: Record<string, () => string[]> = {
            "the checkpoint": () => [stacks(`${stack.name}.json`)],
            "the checkpoint's attributes": () => [stacks(`${stack.name}.json.attrs`)],
            "the checkpoint and its backup": () => [
                stacks(`${stack.name}.json`),
                stacks(`${stack.name}.json.bak`),
            ],
            "the backend's meta.yaml": () => [join(stack.state, ".pulumi", "meta.yaml")],
            "a kubeconfig file": () => [join(stack.kubeconfigs, "edge1.yaml")],
            "the names of the images": () => [new LocalImages(STATE_DIR, stack.name).file],
            "the selected stack": () => chosen().filter((file) => file.endsWith(".json")),
            "the launchers of substitute plugins": () =>
                readdirSync(join(STATE_DIR, "home", "plugins"), {
                    recursive: true,
                    encoding: "utf8",
                })
                    .map((name) => join(STATE_DIR, "home", "plugins", name))
                    .filter((file) => lstatSync(file).isFile() && /pulumi-resource-/.test(file)),
        };

        for (const [what, find] of Object.entries(files)) {
            for (const [damage, how] of Object.entries(damages)) {
                const fault = `${what}: ${damage}`;
                it(fault, () =>
                    ledger.run(
                        fault,
                        async () => {
                            const found = find().filter((file) => existsSync(file));
                            return found.length === 0 ? "not written" : damaged(found, how);
                        },
                        () => reset(stack).then(start),
                    ),
                );
            }
        }

        for (const [damage, how] of Object.entries(damages)) {
            const fault = `a lock of Pulumi's: ${damage}`;
            it(fault, () =>
                ledger.run(fault, async () => {
                    const folder = ["locks", "organization", PROJECT_NAME, stack.name];
                    const file = join(stack.state, ".pulumi", ...folder, "left.json");
                    mkdirSync(dirname(file), { recursive: true });
                    writeFileSync(file, how('{"pid": 1, "username": "root", "hostname": "there"}'));
                    const result = await stack.command("up", ["--yes", "--skip-preview"]);
                    rmSync(file, { force: true });
                    assert.doesNotMatch(result.output, /SyntaxError|\n\s+at /, result.output);
                    if (result.code !== 0) {
                        assert.match(result.output, /lock/);
                    }
                    await converged(stack, config);
                    return result.code === 0 ? "healed" : "refused";
                }),
            );
        }

        const plugins = join(STATE_DIR, "cni-plugins");
        const links: Record<string, () => void> = {
            missing: () => undefined,
            "into nowhere": () => symlinkSync("/nowhere", plugins),
            "a file": () => writeFileSync(plugins, ""),
            "an empty folder": () => mkdirSync(plugins),
        };
        for (const [damage, make] of Object.entries(links)) {
            const fault = `the link to the CNI plugins: ${damage}`;
            it(fault, () =>
                ledger.run(fault, async () => {
                    rmSync(plugins, { force: true, recursive: true });
                    make();
                    const result = await stack.command("up", ["--yes", "--skip-preview"]);
                    const came = coped(result, plugins);
                    if (came === "refused") {
                        rmSync(plugins, { force: true, recursive: true });
                    }
                    await start();
                    return came;
                }),
            );
        }

        /** Files of the cache, which all checkouts share: in a cache of its own that may be lost. */
        for (const [file, text] of [
            ["engine/engine.json", '{"pid": 1, "started": 1}'],
            ["packages.json", '["no-such-package"]'],
            ["images-from-registries", "2026-01-01"],
            ["CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55\n"],
        ] as const) {
            for (const [damage, how] of Object.entries(damages)) {
                const fault = `${file} of the cache: ${damage}`;
                it(fault, () =>
                    ledger.run(fault, async () => {
                        const cache = mkdtempSync(join(tmpdir(), "multinet-cache-"));
                        const other = new Checkout({ MULTINET_CACHE: cache });
                        try {
                            await other.command("stop");
                            mkdirSync(dirname(join(cache, file)), { recursive: true });
                            writeFileSync(join(cache, file), how(text));
                            const stopped = coped(await other.command("stop"), file);
                            return `${stopped}, ${coped(await other.command("clean"), file)}`;
                        } finally {
                            other.remove();
                            rmSync(cache, { recursive: true, force: true });
                        }
                    }),
                );
            }
        }
    },
);
