import type { Topology } from "./config/topology.ts";
import { BRIDGE_MTU } from "./networks/keys.ts";
import { typeOf } from "./networks/types.ts";

/**
 * The topology on a docker network of that MTU in bytes: no network has a larger one than that network carries, with all
 * that packets are wrapped in.
 */
export function onBridge(topology: Topology, mtu: number = BRIDGE_MTU): Topology {
    const networks = topology.networks.map((network) =>
        network.mtu === undefined
            ? network
            : { ...network, mtu: Math.min(network.mtu, mtu - (typeOf(network).overhead ?? 0)) },
    );
    return { ...topology, networks };
}
