import type { Recorded, Resource } from "./resource.ts";
import { requireEngine } from "./runtime/identity.ts";
import type { Runtime, RuntimeName } from "./runtime/runtime.ts";
import { runtime as runtimeOf } from "./runtime/runtimes.ts";

/** Inputs of a ContainerEngine; see ContainerEngineArgs in sdk.ts. */
export type EngineInputs = { runtime: RuntimeName };

/** Its outputs; `address` is where it answered when it was recorded. */
export type EngineOutputs = EngineInputs & { address: string };

/**
 * The container engine that a stack lives in. It is found and not made; what it is good for is that every later run
 * refuses another one, in which all of the stack would seem to be gone.
 */
export function containerEngine(
    runtimes: (name: RuntimeName) => Runtime = runtimeOf,
): Resource<EngineInputs, EngineOutputs> {
    const require = (
        { id, outputs }: Recorded<EngineInputs, EngineOutputs>,
        inputs: EngineInputs,
        call: Parameters<typeof requireEngine>[2],
    ) => requireEngine(runtimes(inputs.runtime), id, call, outputs.address);

    return {
        check: (inputs) => Promise.resolve({ inputs, failures: [] }),

        async diff(old, inputs, call) {
            await require(old, inputs, call);
            return { changes: {}, stables: ["address"] };
        },

        // The same in a preview: it is only looked at.
        async create(inputs, call) {
            const { id, address } = await runtimes(inputs.runtime).engine(call);
            return { id, outputs: { ...inputs, address } };
        },

        async read(old, call) {
            await require(old, old.inputs, call);
            return { inputs: old.inputs, outputs: old.outputs };
        },

        async update(old, inputs, call) {
            const { address } = await require(old, inputs, call);
            return { ...inputs, address };
        },

        delete: () => Promise.resolve(),
    };
}
