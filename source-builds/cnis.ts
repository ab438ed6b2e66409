import { calico } from "./cnis/calico.ts";
import { cilium } from "./cnis/cilium.ts";
import type { Cni } from "./cnis/cni.ts";

/** In the order of the names that are made of them. Whoever adds one writes one file and one line here. */
export const CNIS: readonly Cni[] = [calico, cilium];

/** What a stack's configuration asks for: by the primary CNI of a cluster, or by the type of a network. */
export function cnisOf({ clusters, networks }: Record<string, unknown>): Cni[] {
    const asked = [...fields(clusters, "primary"), ...fields(networks, "type")];
    return CNIS.filter(({ name }) => asked.includes(name));
}

/** What stands under one key in each member of a map. A map that is none is the preview's to refuse. */
function fields(map: unknown, key: string): unknown[] {
    return members(map).map((member) => (isObject(member) ? member[key] : undefined));
}

function members(map: unknown): unknown[] {
    return isObject(map) ? Object.values(map) : [];
}

function isObject(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null;
}
