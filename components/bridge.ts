import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

export interface BridgeArgs {
    /** Name of the docker network. */
    name: string;
    /** Its IPv4 range, e.g. `10.201.4.0/22`. */
    subnet: string;
    /** The range's first host. Stated, because the engine reports it and would seem to have changed the network. */
    gateway: string;
    /** Whose it is; written on the network as labels. */
    owner: { project: string; stack: string };
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
        super("multinet:components:Bridge", name, args, opts);
        this.network = new docker.Network(
            `${name}-network`,
            {
                name: args.name,
                driver: "bridge",
                ipamConfigs: [{ subnet: args.subnet, gateway: args.gateway }],
                labels: [
                    { label: "multinet.dev/project", value: args.owner.project },
                    { label: "multinet.dev/stack", value: args.owner.stack },
                ],
            },
            { parent: this, deleteBeforeReplace: true },
        );
        this.networkName = this.network.name;
        this.registerOutputs({ networkName: this.networkName });
    }
}
