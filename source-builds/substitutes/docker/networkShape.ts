import type { Value } from "../../../provider/resource.ts";

type IpamConfig = {
    subnet: string;
    gateway?: string | undefined;
    ipRange?: string | undefined;
    auxAddress?: Record<string, string> | undefined;
};

export type NetworkInputs = {
    name: string;
    driver?: string;
    attachable?: boolean;
    ingress?: boolean;
    internal?: boolean;
    ipamConfigs?: IpamConfig[];
    ipamDriver?: string;
    ipamOptions?: Record<string, string>;
    ipv6?: boolean;
    labels?: { label: string; value: string }[];
    options?: Record<string, string>;
};

export type NetworkOutputs = Required<NetworkInputs> & { scope: string };

/** The parts used of what `docker network inspect` prints. */
export interface Inspected {
    Id: string;
    Name: string;
    Driver: string;
    Scope: string;
    Attachable: boolean;
    Ingress: boolean;
    Internal: boolean;
    EnableIPv6: boolean;
    Labels: Record<string, string> | null;
    Options: Record<string, string> | null;
    Containers?: Record<string, { Name: string }> | null;
    IPAM: {
        Driver: string;
        Options: Record<string, string> | null;
        Config:
            | {
                  Subnet: string;
                  Gateway?: string;
                  IPRange?: string;
                  AuxiliaryAddresses?: Record<string, string>;
              }[]
            | null;
    };
}

/** Options that the engine states by itself. */
const DEFAULT_OPTION = /^com\.docker\.network\.enable_ipv[46]$/;

/** What the engine tells of a network, as outputs. */
export function outputsOf(found: Inspected): NetworkOutputs {
    return {
        name: found.Name,
        driver: found.Driver,
        scope: found.Scope,
        attachable: found.Attachable,
        ingress: found.Ingress,
        internal: found.Internal,
        ipv6: found.EnableIPv6,
        ipamDriver: found.IPAM.Driver,
        ipamOptions: found.IPAM.Options ?? {},
        ipamConfigs: (found.IPAM.Config ?? []).map((config) => ({
            subnet: config.Subnet,
            gateway: config.Gateway,
            ipRange: config.IPRange,
            auxAddress: config.AuxiliaryAddresses,
        })),
        labels: Object.entries(found.Labels ?? {})
            .sort()
            .map(([label, value]) => ({ label, value })),
        options: found.Options ?? {},
    };
}

/** The inputs that would make a network like this one; what is the engine's own default stays out of them. */
export function imported(seen: NetworkOutputs): NetworkInputs {
    const options = Object.entries(seen.options).filter(([name]) => !DEFAULT_OPTION.test(name));
    return {
        name: seen.name,
        driver: seen.driver,
        ...(["attachable", "ingress", "internal", "ipv6"] as const).reduce(
            (flags, name) => (seen[name] ? { ...flags, [name]: true } : flags),
            {},
        ),
        ...(seen.ipamConfigs.length > 0 && {
            ipamConfigs: seen.ipamConfigs.map((config) => withoutNothing(config)),
        }),
        ...(seen.ipamDriver !== "default" && { ipamDriver: seen.ipamDriver }),
        ...(Object.keys(seen.ipamOptions).length > 0 && { ipamOptions: seen.ipamOptions }),
        ...(seen.labels.length > 0 && { labels: seen.labels }),
        ...(options.length > 0 && { options: Object.fromEntries(options) }),
    };
}

function withoutNothing<T extends object>(value: T): T {
    return Object.fromEntries(
        Object.entries(value).filter(([, inner]) => inner !== undefined),
    ) as T;
}

/** The inputs that would describe the network as it is. What the program leaves to the engine stays out of them. */
export function asSeen(given: NetworkInputs, seen: NetworkOutputs): NetworkInputs {
    const ipamConfigs = given.ipamConfigs?.flatMap((config) => {
        const same = seen.ipamConfigs.find(({ subnet }) => subnet === config.subnet);
        return same ? [restrict(config, same)] : [];
    });
    return restrict(given, { ...seen, ...(ipamConfigs && { ipamConfigs }) }) as NetworkInputs;
}

/** `seen`, where it is an object, with only those keys that `given` has, at every depth. */
function restrict(given: Value | object | undefined, seen: Value | object | undefined): Value {
    if (!isMap(given) || !isMap(seen)) {
        return seen as Value;
    }
    const shared = Object.keys(given).filter((name) => seen[name] !== undefined);
    return Object.fromEntries(shared.map((name) => [name, restrict(given[name], seen[name])]));
}

function isMap(value: unknown): value is { [key: string]: Value } {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
