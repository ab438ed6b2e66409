import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import fc from "fast-check";
import { parse } from "yaml";
import { patience, patienceProblem, patient } from "../../../plan/patience.ts";

const run = promisify(execFile);
const PROJECT = join(import.meta.dirname, "../../..");

describe("patience", () => {
    it("is 1 where nothing is set, so that every limit is as it is written", () => {
        for (const text of [undefined, ""]) {
            assert.equal(patience(text), 1);
            assert.equal(patienceProblem(text), undefined);
        }
        assert.equal(patient(1234), 1234);
        assert.equal(patient(Infinity), Infinity);
    });

    it("is any number from 1 to 100, and nothing else", () => {
        fc.assert(
            fc.property(fc.double({ min: 1, max: 100, noNaN: true }), (number) => {
                const text = number.toFixed(6).slice(0, 9);
                assert.equal(patience(text), Number(text));
                assert.equal(patienceProblem(text), undefined);
            }),
        );
        for (const text of [
            "0",
            "0.9",
            "-3",
            "100.1",
            "1e2",
            "3x",
            " 3",
            "NaN",
            "Infinity",
            "two",
        ]) {
            assert.equal(patience(text), 1, text);
            assert.match(
                patienceProblem(text) ?? "",
                /^MULTINET_PATIENCE is ".*from 1 to 100\. Unset/,
            );
        }
    });

    it("fits into a timer, however long the limit", () => {
        const longest = 3 * 60 * 60_000;
        assert.ok(longest * patience("100") < 2 ** 31);
    });

    it("stretches the limits of programs, of waits and of kubeadm, and makes no other cluster", async () => {
        const script = `
            const { execute } = await import("./system/process.ts");
            const { exec } = await import("./provider/exec.ts");
            const { LOOK_TIMEOUT } = await import("./provider/kube/unlooked.ts");
            const { labelledConfig, specHash } = await import("./provider/kind/spec.ts");
            const inputs = { config: "nodes: [{role: control-plane}]", owner: {}, image: "", network: "", runtime: "podman" };
            const { late } = await execute("sleep", ["0.3"], { limit: 100 });
            const said = await exec("sleep", ["60"], { timeout: 20 }).catch(({ message }) => message);
            const out = { late, said, look: LOOK_TIMEOUT, config: labelledConfig(inputs), spec: specHash(inputs) };
            console.log(JSON.stringify(out));`;
        const asked = async (MULTINET_PATIENCE: string) => {
            const { stdout } = await run(process.execPath, ["--input-type=module", "-e", script], {
                cwd: PROJECT,
                env: { ...process.env, MULTINET_PATIENCE },
            });
            return JSON.parse(stdout) as Record<"said" | "config" | "spec", string> & {
                late: boolean;
                look: number;
            };
        };
        const [usual, slow] = await Promise.all([asked("1"), asked("100")]);
        assert.deepEqual([usual.late, slow.late], [true, false]);
        assert.match(usual.said, /not done after 20 ms/);
        assert.match(slow.said, /not done after 2000 ms/);
        assert.deepEqual([usual.look, slow.look], [10_000, 1_000_000]);
        assert.equal(
            (parse(usual.config) as object & { kubeadmConfigPatches?: unknown })
                .kubeadmConfigPatches,
            undefined,
        );
        assert.match(slow.config, /timeoutForControlPlane: 24000s/);
        assert.equal(usual.spec, slow.spec, "it is the same cluster");
    });
});
