import { PartialFailure, UNKNOWN } from "../../../provider/resource.ts";
import type { Properties, Resource, Value } from "../../../provider/resource.ts";
import { changesOf, checkInputs, flag, key, listOf, record, text, textMap } from "../inputs.ts";
import type { InputSchema } from "../inputs.ts";
import { refuseImport } from "../standIn.ts";
import { words } from "./cli.ts";
import type { DockerCli } from "./cli.ts";
import { removeNetwork } from "./networkRemoval.ts";

type IpamConfig = {
    subnet: string;
    gateway?: string | undefined;
    ipRange?: string | undefined;
    auxAddress?: Record<string, string> | undefined;
};

type NetworkInputs = {
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

type NetworkOutputs = Required<NetworkInputs> & { scope: string };

/** The parts used of what `docker network inspect` prints. */
interface Inspected {
    Name: string;
    Driver: string;
    Scope: string;
    Attachable: boolean;
    Ingress: boolean;
    Internal: boolean;
    EnableIPv6: boolean;
    Labels: Record<string, string> | null;
    Options: Record<string, string> | null;
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

const PROPERTIES = {
    name: text,
    driver: text,
    attachable: flag,
    ingress: flag,
    internal: flag,
    ipamConfigs: listOf(
        record({ subnet: text }, { gateway: text, ipRange: text, auxAddress: textMap }),
    ),
    ipamDriver: text,
    ipamOptions: textMap,
    ipv6: flag,
    labels: listOf(record({ label: key, value: text }, {})),
    options: textMap,
};

const SCHEMA: InputSchema = {
    properties: PROPERTIES,
    required: ["name"],
    replacing: Object.keys(PROPERTIES),
    unordered: ["ipamConfigs", "labels"],
};

/**
 * `docker:index/network:Network`. A network cannot be changed, so every change replaces it; one that exists under the
 * same name is never taken over.
 */
export function network(docker: DockerCli): Resource<NetworkInputs, NetworkOutputs> {
    async function inspect(id: string, signal?: AbortSignal): Promise<NetworkOutputs | undefined> {
        const found = await docker.inspect<Inspected>("network", id, signal);
        return found && outputsOf(found);
    }

    /** The outputs of a network that was made; the engine records it even if it cannot be looked at. */
    async function made(id: string, inputs: NetworkInputs): Promise<NetworkOutputs> {
        try {
            const outputs = await inspect(id);
            if (outputs) {
                return outputs;
            }
            throw new Error(`docker network ${inputs.name} is gone right after it was created`);
        } catch (error) {
            throw new PartialFailure(words(error), id, inputs as Properties);
        }
    }

    return {
        async check(given) {
            return checkInputs(SCHEMA, given);
        },

        async diff(old, inputs) {
            const changes = changesOf(SCHEMA, old.inputs as Properties, inputs as Properties);
            return { changes, deleteBeforeReplace: true };
        },

        async create(inputs, call) {
            if (call.preview) {
                return { id: "", outputs: expected(inputs) };
            }
            let id: string;
            try {
                // Not cancelled in the middle: a network whose id nobody has read would be left over.
                id = (await docker.run(createArguments(inputs))).trim();
            } catch (error) {
                const said = words(error);
                const remedy = said.includes("already exists")
                    ? `; if it is a leftover that nothing uses: docker network rm ${inputs.name}`
                    : "";
                throw new Error(`cannot create docker network ${inputs.name}: ${said}${remedy}`);
            }
            return { id, outputs: await made(id, inputs) };
        },

        async read(recorded, call) {
            refuseImport(recorded);
            const outputs = await inspect(recorded.id, call.signal);
            return outputs && { inputs: asSeen(recorded.inputs, outputs), outputs };
        },

        // Every change replaces; the engine comes here only for a network that it could not look at after creation.
        async update(old, inputs) {
            return made(old.id, inputs);
        },

        delete: ({ id, outputs: { name } }, call) => removeNetwork(docker, { id, name }, call),
    };
}

function createArguments(inputs: NetworkInputs): string[] {
    const { ipamConfigs = [], labels = [] } = inputs;
    return [
        "network",
        "create",
        ...option("driver", inputs.driver),
        ...option("attachable", inputs.attachable),
        ...option("ingress", inputs.ingress),
        ...option("internal", inputs.internal),
        ...option("ipv6", inputs.ipv6),
        ...option("ipam-driver", inputs.ipamDriver),
        ...pairs("ipam-opt", inputs.ipamOptions),
        ...ipamConfigs.flatMap((config) => [
            ...option("subnet", config.subnet),
            ...option("gateway", config.gateway),
            ...option("ip-range", config.ipRange),
            ...pairs("aux-address", config.auxAddress),
        ]),
        ...labels.map(({ label, value }) => `--label=${label}=${value}`),
        ...pairs("opt", inputs.options),
        "--",
        inputs.name,
    ];
}

function option(name: string, value: string | boolean | undefined): string[] {
    return value === undefined ? [] : [`--${name}=${value}`];
}

function pairs(name: string, values: Record<string, string> = {}): string[] {
    return Object.entries(values).map(([left, right]) => `--${name}=${left}=${right}`);
}

function outputsOf(found: Inspected): NetworkOutputs {
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

/** What preview knows of a network that is not there yet. */
function expected(inputs: NetworkInputs): NetworkOutputs {
    const computed = ["driver", "internal", "ipamConfigs", "options", "scope"];
    const unknown = Object.fromEntries(computed.map((name) => [name, UNKNOWN]));
    return { ...unknown, ...inputs } as Properties as NetworkOutputs;
}

/** The inputs that would describe the network as it is. What the program leaves to the engine stays out of them. */
function asSeen(given: NetworkInputs, seen: NetworkOutputs): NetworkInputs {
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
