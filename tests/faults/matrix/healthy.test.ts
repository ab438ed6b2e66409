import { converges, succeeded, type Config } from "../converged.ts";
import { faultStack } from "../faultStack.ts";
import { faultClass } from "../ledger.ts";

const config: Config = { clusters: { edge1: { nodes: 2 }, edge2: {} } };

const RUNS = 50;

faultClass(
    {
        name: "matrix-healthy",
        title: "no false alarm of `npm run verify` on a healthy stack",
        least: RUNS,
    },
    (ledger) => {
        const stack = faultStack("f-healthy");

        it("is green each time", async () => {
            stack.configure(config);
            await converges(stack, config);
            for (let run = 1; run <= RUNS; run++) {
                await ledger.run(`verify ${run}`, async () => {
                    succeeded(await stack.command("verify", []), "npm run verify");
                });
            }
        });
    },
);
