import { CommandFailed } from "../../system/process.ts";
import { falseIfFailed } from "../exec.ts";
import { CliRuntime } from "./cli.ts";
import type { Dialect } from "./cli.ts";
import { bytes, container } from "./docker.ts";
import type { Container, Limits, Network, Selection } from "./runtime.ts";

/** Podman's own form since version 4; older ones use CNI's. */
interface InspectedNetwork {
    id: string;
    name: string;
    driver: string;
    labels?: Record<string, string>;
    subnets?: { subnet: string; gateway?: string }[];
    options?: Record<string, string>;
}

interface Info {
    host: { hostname: string };
    store: { graphRoot: string };
}

export const dialect: Dialect = {
    name: "podman",
    networkVariable: "KIND_EXPERIMENTAL_PODMAN_NETWORK",
    // The same form as docker's, except that names have no leading slash.
    container,
    network: ({ id, name, driver, labels, subnets, options }: InspectedNetwork): Network => ({
        id,
        name,
        driver,
        subnets: (subnets ?? []).map(({ subnet }) => subnet),
        gateway: subnets?.[0]?.gateway,
        mtu: bytes(options?.["mtu"]),
        labels: labels ?? {},
    }),
    // It gives itself no id; its containers live in that folder of that machine.
    engineId: ({ host, store }: Info) => `${host.hostname}:${store.graphRoot}`,
    addressVariables: ["CONTAINER_HOST", "CONTAINER_CONNECTION"],
    silent: /cannot connect to podman|unable to connect to podman|no such file or directory.*podman\.sock/i,
    // Otherwise it waits ten seconds for each container to end by itself.
    removal: ["--time", "0"],
};

/** Prints the limit that the kernel has for the container it runs in, with version 2 or 1 of cgroups. */
const MEMORY_LIMIT = [
    "sh",
    "-c",
    "cat /sys/fs/cgroup/memory.max 2>/dev/null || cat /sys/fs/cgroup/memory/memory.limit_in_bytes",
];

/** Exit code of a removal of volumes, some of which were gone already, and no other failure. */
const GONE = 1;

class Podman extends CliRuntime {
    /** Version 4 gives the kernel the limit of an update, but does not record it, and calls it 0. */
    override async containers(selection: Selection, limits?: Limits): Promise<Container[]> {
        const found = await super.containers(selection, limits);
        return Promise.all(
            found.map(async (one) =>
                one.state === "running" && one.memory === 0
                    ? { ...one, memory: await this.memoryLimit(one, limits) }
                    : one,
            ),
        );
    }

    /** kind makes a volume with a name for each node there, so that it does not go with the container. */
    override async remove(targets: Container[], limits?: Limits): Promise<void> {
        await super.remove(targets, limits);
        const volumes = targets
            .flatMap(({ binds }) => binds.map((bind) => bind.split(":")[0]!))
            .filter((source) => !source.startsWith("/"));
        if (volumes.length > 0) {
            await this.call(["volume", "rm", ...volumes], limits).catch((error: unknown) => {
                if (!(error instanceof CommandFailed && error.code === GONE)) {
                    throw error;
                }
            });
        }
    }

    private async memoryLimit({ id }: Container, limits?: Limits): Promise<number> {
        const said = await this.exec(id, MEMORY_LIMIT, limits).catch(falseIfFailed);
        // "max", and in version 1 a number that no machine has.
        const bytes = Number(said);
        return Number.isSafeInteger(bytes) ? bytes : 0;
    }
}

export const podman = new Podman(dialect);
