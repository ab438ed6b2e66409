import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { backendUrl } from "../../cli/state/backend.ts";
import { PROJECT } from "../../cli/project.ts";
import { world } from "./world.ts";

const run = promisify(execFile);

const STACK = "e2e";

describe("the package", function () {
    this.timeout("10m");
    const folder = mkdtempSync(join(tmpdir(), "multinet-package-"));
    const env = {
        ...process.env,
        PULUMI_BACKEND_URL: backendUrl(join(folder, "state")),
        PULUMI_CONFIG_PASSPHRASE: "",
    };
    const kubeconfigs = join(folder, "pod", ".multinet", "kubeconfigs", STACK);
    let asBefore: Awaited<ReturnType<typeof world>>;

    /** Runs a program in the folder of an example's copy, and returns what it says. */
    async function inside(example: string, program: string, ...args: string[]): Promise<string> {
        const options = { cwd: join(folder, example), env, maxBuffer: 2 ** 26 };
        const { stdout } = await run(program, args, options).catch(
            (error: Error & { stdout?: string }) => {
                throw new Error(`${error.message}\n${error.stdout ?? ""}`);
            },
        );
        return stdout;
    }

    const pulumi = (example: string, ...args: string[]) =>
        inside(example, "pulumi", ...args, "--stack", STACK, "--non-interactive");

    before(async () => {
        await run("mkdir", [join(folder, "state")]);
        asBefore = await world(kubeconfigs);
        await run("npm", ["pack", "--pack-destination", folder], { cwd: PROJECT });
        const { version } = JSON.parse(
            readFileSync(join(PROJECT, "package.json"), "utf8"),
        ) as Record<string, string>;
        for (const example of ["pod", "reader"]) {
            cpSync(join(PROJECT, "examples", example), join(folder, example), { recursive: true });
        }
        const flags = ["--prefer-offline", "--no-audit", "--no-fund"];
        await inside("pod", "npm", "install", ...flags, `../multinet-${version}.tgz`);
        // The second program has the same packages, and needs no second download.
        await run("cp", ["-al", join(folder, "pod", "node_modules"), join(folder, "reader")]);
    });

    after(async () => {
        await pulumi("reader", "destroy", "--yes", "--skip-preview").catch(() => undefined);
        await pulumi("pod", "destroy", "--yes", "--skip-preview").catch(() => undefined);
        rmSync(folder, { recursive: true, force: true });
    });

    it("has types that a program of others compiles with", async () => {
        writeFileSync(
            join(folder, "pod", "tsconfig.check.json"),
            JSON.stringify({
                compilerOptions: {
                    ...{ target: "es2024", module: "nodenext", strict: true, noEmit: true },
                    ...{ skipLibCheck: true, types: [] },
                },
                files: ["index.ts"],
            }),
        );
        const compiler = join(PROJECT, "node_modules", "typescript", "bin", "tsc");
        await inside("pod", process.execPath, compiler, "--project", "tsconfig.check.json");
    });

    it("brings up a cluster and a network, on which a pod of the program's own has an interface", async () => {
        await inside("pod", "pulumi", "stack", "init", STACK);
        await pulumi("pod", "up", "--yes", "--skip-preview");
        const { clusters } = JSON.parse(await pulumi("pod", "stack", "output", "--json")) as {
            clusters: { edge1: { kubeconfig: string; nodes: { slices: { data: string } }[] } };
        };
        const { kubeconfig, nodes } = clusters.edge1;
        assert.equal(kubeconfig, join(kubeconfigs, "edge1.yaml"));
        const slice = nodes[0]!.slices.data.replace(/\d+\/24$/, "");
        const kubectl = (...args: string[]) =>
            inside("pod", "kubectl", "--kubeconfig", kubeconfig, ...args);
        const address = await kubectl(
            ...["exec", "client", "--", "ip", "-brief", "address", "show", "net1"],
        );
        assert.ok(address.includes(` ${slice}`), `${address} is not in ${slice}`);
    });

    it("shows that there is nothing to do the second time", async () => {
        await pulumi("pod", "preview", "--expect-no-changes");
    });

    it("has outputs by which a second program works in its clusters, and keeps their keys secret", async () => {
        await inside("reader", "pulumi", "stack", "init", STACK);
        await pulumi("reader", "config", "set", "lab", `organization/multinet-pod/${STACK}`);
        const said = await pulumi("reader", "up", "--yes", "--skip-preview");
        const api = (await pulumi("reader", "stack", "output", "api")).trim();
        assert.match(api, /^https:\/\/10\.\d+\.\d+\.\d+:6443$/);
        const all = JSON.parse(await pulumi("pod", "stack", "output", "--json")) as {
            clusters: { edge1: { nodes: { address: string; routers: { data: string } }[] } };
            kubeconfigs: unknown;
            bridge: { subnet: string };
        };
        assert.equal(`https://${all.clusters.edge1.nodes[0]!.address}:6443`, api);
        assert.match(all.clusters.edge1.nodes[0]!.routers.data, /\.1$/);
        assert.match(all.bridge.subnet, /\/22$/);
        assert.ok(!JSON.stringify(all).includes("client-key-data"));
        assert.ok(!said.includes("client-key-data"));
        await pulumi("reader", "destroy", "--yes", "--skip-preview");
    });

    it("leaves nothing behind", async () => {
        await pulumi("pod", "destroy", "--yes", "--skip-preview");
        assert.deepEqual(await world(kubeconfigs), asBefore);
    });
});
