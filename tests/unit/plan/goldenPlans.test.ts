import { assertGolden, planOf, STACKS } from "../../golden/golden.ts";

describe("the recorded plan", () => {
    for (const stack of STACKS) {
        it(`of ${stack} is that of today's stack file`, () => {
            assertGolden(`plans/${stack}.json`, `${JSON.stringify(planOf(stack), null, 4)}\n`);
        });
    }
});
