import type { Call } from "../resource.ts";
import { ApiSilent } from "./api.ts";
import { patient } from "../../plan/patience.ts";

/** Milliseconds that an API has in a diff, which only looks. */
export const LOOK_TIMEOUT = patient(10_000);

/**
 * For a diff: the change that stands for a look which a silent API made impossible. It is no error there, as its cluster may
 * be gone: a refresh compares before the cluster's own resource has found that out. The update that follows asks again.
 */
export function unlooked(error: unknown, call: Call): [change: string] {
    if (!(error instanceof ApiSilent)) {
        throw error;
    }
    call.log("info", `not compared: ${error.message}`);
    return ["not compared"];
}
