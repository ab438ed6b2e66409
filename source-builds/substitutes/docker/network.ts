import { PartialFailure, UNKNOWN } from "../../../provider/resource.ts";
import type { Properties, Resource } from "../../../provider/resource.ts";
import { changesOf, checkInputs, flag, key, listOf, record, text, textMap } from "../inputs.ts";
import type { InputSchema } from "../inputs.ts";
import { words } from "./cli.ts";
import type { DockerCli } from "./cli.ts";
import { removeNetwork } from "./networkRemoval.ts";
import { asSeen, imported, outputsOf } from "./networkShape.ts";
import type { NetworkInputs, NetworkOutputs } from "./networkShape.ts";
import { LABELS } from "../../../plan/labels.ts";

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
 * same name is adopted by import only.
 */
export function network(docker: DockerCli): Resource<NetworkInputs, NetworkOutputs> {
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
                // Not cancelled in the middle: a network whose id nobody has read would be left over. Podman prints its
                // name, by which it is found as well.
                id = (await docker.run(createArguments(inputs))).trim();
            } catch (error) {
                const said = words(error);
                const fix = said.includes("already exists") ? await inTheWay(docker, inputs) : "";
                throw new Error(`cannot create docker network ${inputs.name}: ${said}${fix}`);
            }
            return made(docker, id, inputs);
        },

        async read(recorded, call) {
            const outputs = await inspect(docker, recorded.id, call.signal);
            const isImport = Object.keys(recorded.outputs).length === 0;
            return (
                outputs && {
                    inputs: isImport ? imported(outputs) : asSeen(recorded.inputs, outputs),
                    outputs,
                }
            );
        },

        // Every change replaces; the engine comes here only for a network that it could not look at after creation.
        async update(old, inputs) {
            return (await made(docker, old.id, inputs)).outputs;
        },

        delete: ({ id, outputs: { name } }, call) => removeNetwork(docker, { id, name }, call),
    };
}

/** The network as it is; undefined if there is none. */
async function inspect(
    docker: DockerCli,
    id: string,
    signal?: AbortSignal,
): Promise<NetworkOutputs | undefined> {
    const found = await docker.network(id, signal);
    return found && outputsOf(found);
}

/** A network that was made, as it is; the engine records it even if it cannot be looked at. */
async function made(docker: DockerCli, id: string, inputs: NetworkInputs) {
    try {
        const found = await docker.network(id);
        if (found) {
            return { id: found.Id, outputs: outputsOf(found) };
        }
        throw new Error(`docker network ${inputs.name} is gone right after it was created`);
    } catch (error) {
        throw new PartialFailure(words(error), id, inputs as Properties);
    }
}

/** What to do about a network that has the name already. */
async function inTheWay(docker: DockerCli, inputs: NetworkInputs): Promise<string> {
    const { name } = inputs;
    const found = await docker.network(name);
    if (!found) {
        return "; it is gone again by now: try once more";
    }
    const isOwn = (inputs.labels ?? []).every(
        ({ label, value }) => label === LABELS.made || found.Labels?.[label] === value,
    );
    const subnet = found.IPAM.Config?.[0]?.Subnet ?? "no subnet";
    const whose = isOwn
        ? `it bears this stack's labels, but has ${subnet} and not ${inputs.ipamConfigs?.[0]?.subnet ?? "none"}: ` +
          "write the former subnet to have it adopted"
        : "it bears other labels and belongs to someone else";
    const users = Object.values(found.Containers ?? {}).map((user) => user.Name);
    const removal = [
        ...(users.length > 0 ? [`${docker.program} rm -f -v ${users.join(" ")}`] : []),
        `${docker.program} network rm ${name}`,
    ].join(" && ");
    return `; ${whose}, or remove it if nobody needs it: ${removal}`;
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

/** What preview knows of a network that is not there yet. */
function expected(inputs: NetworkInputs): NetworkOutputs {
    const computed = ["driver", "internal", "ipamConfigs", "options", "scope"];
    const unknown = Object.fromEntries(computed.map((name) => [name, UNKNOWN]));
    return { ...unknown, ...inputs } as Properties as NetworkOutputs;
}
