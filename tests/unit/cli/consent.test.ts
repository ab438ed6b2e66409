import assert from "node:assert/strict";
import { appendFileSync, existsSync } from "node:fs";
import { dirname } from "node:path";
import { REPLACEMENTS, type Replacement } from "../../../provider/kind/consent.ts";
import { upWithConsent } from "../../../cli/state/consent.ts";

describe("an update that may have to ask", () => {
    let runs: { flags: string[]; guarded: boolean }[];
    let questions: string[];
    let files: string[];
    beforeEach(() => {
        runs = [];
        questions = [];
        files = [];
    });

    /** As `pulumi up`: fails where the provider has refused. */
    const stack = (...refused: Replacement[]) => ({
        up: (flags: string[], env: NodeJS.ProcessEnv = {}) => {
            const file = env[REPLACEMENTS];
            runs.push({ flags, guarded: file !== undefined });
            if (file === undefined) {
                return Promise.resolve(0);
            }
            files.push(file);
            for (const one of refused) {
                appendFileSync(file, `${JSON.stringify(one)}\n`);
            }
            return Promise.resolve(refused.length > 0 ? 255 : 0);
        },
    });
    const answer = (yes: boolean) => (question: string) => {
        questions.push(question);
        return Promise.resolve(yes);
    };
    const image = { cluster: "edge1", reasons: ["image"] };

    afterEach(() => {
        assert.deepEqual(
            files.filter((file) => existsSync(dirname(file))),
            [],
        );
    });

    it("asks nothing where no cluster is replaced", async () => {
        assert.equal(await upWithConsent(stack(), ["--skip-preview"], answer(false)), 0);
        assert.deepEqual(runs, [{ flags: ["--skip-preview"], guarded: true }]);
        assert.deepEqual(questions, []);
    });

    it("asks once about all clusters, and goes on after a yes", async () => {
        const network = { cluster: "edge2", reasons: ["network", "image"] };
        const code = await upWithConsent(stack(image, network, image), [], answer(true));
        assert.equal(code, 0);
        assert.deepEqual(
            runs.map(({ guarded }) => guarded),
            [true, false],
        );
        assert.match(questions.join(), /:\n {2}- edge1: image\n {2}- edge2: network, image$/);
    });

    it("ends as it failed after a no", async () => {
        assert.equal(await upWithConsent(stack(image), [], answer(false)), 255);
        assert.deepEqual(
            runs.map(({ guarded }) => guarded),
            [true],
        );
    });

    for (const flag of ["--yes", "-y"]) {
        it(`does not ask with ${flag}`, async () => {
            assert.equal(await upWithConsent(stack(image), [flag], answer(false)), 0);
            assert.deepEqual(runs, [{ flags: [flag], guarded: false }]);
        });
    }
});
