import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ArtifactRegistry } from "../../../source-builds/artifactRegistry.ts";
import { ARTIFACTS } from "../../../source-builds/artifacts.ts";
import type { BuildContext } from "../../../source-builds/artifact.ts";
import type { RunOptions } from "../../../system/process.ts";
import { temporaryDirectory } from "../temporary.ts";

/** A context that runs nothing and remembers what it was asked to run. */
class IdleBuildContext implements BuildContext {
    readonly calls: { args: string[]; options: RunOptions | undefined }[] = [];
    readonly signal = new AbortController().signal;
    private readonly answer: string;

    constructor(answer = "") {
        this.answer = answer;
    }

    dir(artifact: string): string {
        throw new Error(`${artifact} is not there`);
    }

    async run(_program: string, args: string[], options?: RunOptions): Promise<string> {
        this.calls.push({ args, options });
        return this.answer;
    }

    status(): void {}
}

const registry = new ArtifactRegistry(ARTIFACTS);

describe("programs of Go modules", () => {
    const build = async (name: string) => {
        const context = new IdleBuildContext();
        await registry.get(name).make("/into", context);
        return context.calls;
    };

    it("are built with the release of Go that they need, else with the machine's", async () => {
        for (const [name, release] of [
            ["calico", "go1.24.9"],
            ["tigera-operator", "go1.25.7"],
            ["cilium", undefined],
        ] as const) {
            for (const { options } of await build(name)) {
                assert.equal(options?.env?.["GOTOOLCHAIN"], release, name);
            }
        }
        for (const { options } of await build("kubernetes")) {
            assert.ok(!("GOTOOLCHAIN" in options!.env!));
        }
    });

    it("are made anew with another release", () => {
        const [flags = ""] = registry.get("calico").recipe();
        assert.match(flags, /"go1\.24\.9"\]$/);
    });

    it("take nothing but what go.sum has, and go by the right names", async () => {
        const calls = await build("cilium");
        const outputs = calls.map(({ args }) => [args.at(-2), args.at(-1)]);
        assert.deepEqual(outputs[3], [
            "/into/cilium-operator-generic",
            "github.com/cilium/cilium/operator",
        ]);
        for (const { args } of calls) {
            assert.ok(args.includes("-mod=readonly"));
            // Without it the operator knows no pool to hand out ranges of.
            assert.equal(args[args.indexOf("-tags") + 1], "ipam_provider_operator");
            assert.ok(
                args.some((flag) => flag.includes("pkg/version.ciliumVersion=1.18.6")),
                args.join(" "),
            );
        }
    });

    it("are those of the pinned modules", () => {
        for (const name of ["calico", "tigera-operator", "cilium"]) {
            const { version } = registry.get(name);
            const file = join(import.meta.dirname, `../../../source-builds/modules/${name}/go.mod`);
            const text = readFileSync(file, "utf8");
            // Calico's tag is not a version of its module: the commit stands for it.
            const wanted = name === "calico" ? "v0.0.0-20251021213802-b1f3c43f8437" : version;
            assert.match(text, new RegExp(`^require github\\.com/\\S+ ${wanted}$`, "m"));
        }
    });
});

describe("files of Go modules", () => {
    const temporary = temporaryDirectory();
    const write = (path: string, text: string) => {
        mkdirSync(dirname(temporary(path)), { recursive: true });
        writeFileSync(temporary(path), text);
    };
    const make = (name: string) => {
        mkdirSync(temporary("into"));
        const context = new IdleBuildContext(JSON.stringify({ Dir: temporary("module") }));
        return registry.get(name).make(temporary("into"), context);
    };
    const made = (path: string) => readFileSync(temporary("into", path), "utf8");

    it("are copied under names of ours", async () => {
        write("module/node/filesystem/etc/rc.local", "start");
        write("module/typha/docker-image/typha.cfg", "[global]");
        await make("calico-files");
        assert.equal(made("node/etc/rc.local"), "start");
        assert.equal(made("typha.cfg"), "[global]");
    });

    it("become a chart with its version", async () => {
        write("module/charts/tigera-operator/Chart.yaml", "name: x\nversion: v0.0\n");
        await make("calico-chart");
        assert.equal(made("tigera-operator/Chart.yaml"), "name: x\nversion: v3.31.0\n");
    });

    it("are refused where there is nothing to edit", async () => {
        write("module/charts/tigera-operator/Chart.yaml", "name: x\nversion: v3.40.0\n");
        await assert.rejects(make("calico-chart"), /adapt the edit/);
    });
});
