import { z } from "zod";
import { key } from "../config/key.ts";
import { bridge } from "./bridge.ts";
import { cilium } from "./cilium.ts";
import { ipvlan } from "./ipvlan.ts";
import { macvlan } from "./macvlan.ts";
import { nad } from "./nad.ts";
import type { NetworkPlan } from "../plan.ts";
import type { NetworkConfig, NetworkType } from "./networkType.ts";
import { ptp } from "./ptp.ts";

/** The types of extra networks: whoever adds one writes one file and one line here. */
export const NETWORK_TYPES: NetworkType[] = [ptp, bridge, macvlan, ipvlan, cilium, nad];

/** The type of a network, in the variant that it chose; it is known, as its section was checked. */
export function typeOf(network: NetworkConfig | NetworkPlan): NetworkType {
    const type = NETWORK_TYPES.find(({ name }) => name === network.type)!;
    return type.variant?.(network) ?? type;
}

/** The section of one extra network, under its name. */
export function networkSchema() {
    const [first, ...more] = NETWORK_TYPES.map((type) => sectionOf(type));
    return z.discriminatedUnion("type", [first!, ...more]) as unknown as z.ZodType<NetworkConfig>;
}

/** The section of a network of one type. */
export function sectionOf({ name, keys }: NetworkType) {
    return z.strictObject({
        type: key(z.literal(name), "kind of network", { example: name, decides: true }),
        ...keys,
    });
}
