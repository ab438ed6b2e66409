import { calico } from "./calico.ts";
import { cilium } from "./cilium.ts";
import { kindnet } from "./kindnet.ts";
import type { PrimaryType } from "./primaryType.ts";

/** The networks that a cluster can have for its own: whoever adds one writes one file and one line here. */
export const PRIMARY_TYPES: PrimaryType[] = [kindnet, calico, cilium];

/** The type of a cluster's own network; it is known, as its section was checked. */
export function primaryOf({ primary }: { primary: string }): PrimaryType {
    return PRIMARY_TYPES.find(({ name }) => name === primary)!;
}
