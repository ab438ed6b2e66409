import { contains, looseCidr } from "../../plan/cidr.ts";
import { LABELS } from "../../plan/labels.ts";
import type { Owner } from "../../plan/names.ts";
import type { HostRange } from "../../plan/rules/hostRanges.ts";
import { machineRoutes, type Route } from "../../system/routes.ts";
import type { Network, RuntimeName } from "./runtime.ts";
import { runtime } from "./runtimes.ts";

/** The container networks of this machine, by whether they are of one stack. */
export interface Networks {
    own: Network[];
    foreign: Network[];
}

/** The container networks of this machine, and which of them are of this stack. */
export async function containerNetworks(
    name: RuntimeName,
    { project, stack }: Owner,
): Promise<Networks> {
    const networks = await runtime(name).networks();
    const isOwn = ({ labels }: Network) =>
        labels[LABELS.project] === project && labels[LABELS.stack] === stack;
    return {
        own: networks.filter(isOwn),
        foreign: networks.filter((network) => !isOwn(network)),
    };
}

/** What is in use on this machine, without what is of the stack itself: foreign networks and routes. */
export async function hostRanges(networks: Networks): Promise<HostRange[]> {
    return rangesInUse(networks, await machineRoutes());
}

/** The same of known routes. Those to the stack's network, or by way of its nodes, are the stack's. */
export function rangesInUse({ own, foreign }: Networks, routes: readonly Route[]): HostRange[] {
    const others = foreign.flatMap(({ name, subnets }) =>
        subnets.map((cidr) => ({ cidr, what: `the container network "${name}"` })),
    );
    const ownSubnets = own.flatMap(({ subnets }) => subnets);
    const known = new Set([...ownSubnets, ...others.map(({ cidr }) => cidr)]);
    const isOwn = ({ gateway }: Route) =>
        gateway !== undefined && ownSubnets.some((subnet) => isIn(subnet, gateway));
    const rest = routes.filter((route) => !known.has(route.cidr) && !isOwn(route));
    return [
        ...others,
        ...rest.map(({ cidr, device, table }) => ({
            cidr,
            what: `a route of this machine through ${device}${table === undefined ? "" : `, table ${table}`}`,
        })),
    ];
}

function isIn(subnet: string, address: string): boolean {
    const [outer, inner] = [looseCidr(subnet), looseCidr(`${address}/32`)];
    return outer !== undefined && inner !== undefined && contains(outer, inner);
}
