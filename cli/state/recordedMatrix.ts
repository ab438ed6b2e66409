import type { MatrixInputs } from "../../provider/matrix/inputs.ts";
import type { MatrixOutputs } from "../../provider/reachabilityMatrix.ts";
import type { State } from "./stack.ts";

const MATRIX = "multinet:index:ReachabilityMatrix";

/** The matrix of the last update that came so far: what it asks, and what was measured. */
export function recordedMatrix({
    resources = [],
}: State["deployment"]): { inputs: MatrixInputs; outputs: MatrixOutputs | undefined } | undefined {
    const found = resources.find(({ type }) => type === MATRIX);
    return (
        found?.inputs && {
            inputs: found.inputs as unknown as MatrixInputs,
            outputs: found.outputs as unknown as MatrixOutputs | undefined,
        }
    );
}
