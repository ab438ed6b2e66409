import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { MTU_OPTION } from "../provider/runtime/runtime.ts";
import { LABELS } from "../plan/labels.ts";

export interface BridgeArgs {
    /** Name of the docker network. */
    name: string;
    /** Its IPv4 range, e.g. `10.201.4.0/22`. */
    subnet: string;
    /** The range's first host. Stated, because the engine reports it and would seem to have changed the network. */
    gateway: string;
    /** Whose it is; written on the network as labels. */
    owner: { project: string; stack: string };
    /**
     * When it was made, as its label says; another time replaces it. So one that was removed by hand, of which the
     * engine's provider learns in a refresh only, comes back in a plain update.
     */
    made?: string | undefined;
    /** MTU in bytes; left out, the engine's own 1500. Another one replaces the network. */
    mtu?: number | undefined;
    /** Id of a network that is like this one already: a state without it adopts it. */
    adopt?: string | undefined;
}

/**
 * The docker network that all node containers of a stack share: one layer-2 segment, so that a node can be the next
 * hop of any other.
 *
 * What it leaves on your host: one bridge device with the subnet's first address, gone after `pulumi destroy`.
 */
export class Bridge extends pulumi.ComponentResource {
    readonly network: docker.Network;
    readonly networkName: pulumi.Output<string>;

    constructor(name: string, args: BridgeArgs, opts?: pulumi.ComponentResourceOptions) {
        const { adopt, ...own } = args;
        super("multinet:components:Bridge", name, own, opts);
        this.network = new docker.Network(
            `${name}-network`,
            {
                name: args.name,
                driver: "bridge",
                ipamConfigs: [{ subnet: args.subnet, gateway: args.gateway }],
                ...(args.mtu !== undefined && { options: { [MTU_OPTION]: String(args.mtu) } }),
                labels: [
                    { label: LABELS.project, value: args.owner.project },
                    { label: LABELS.stack, value: args.owner.stack },
                    ...(args.made === undefined ? [] : [{ label: LABELS.made, value: args.made }]),
                ],
            },
            {
                parent: this,
                deleteBeforeReplace: true,
                ...(adopt !== undefined && { import: adopt }),
            },
        );
        this.networkName = this.network.name;
        this.registerOutputs({ networkName: this.networkName });
    }
}
