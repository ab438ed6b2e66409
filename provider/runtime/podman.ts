import { CliRuntime } from "./cli.ts";
import type { Dialect } from "./cli.ts";
import { bytes, container } from "./docker.ts";
import type { Network } from "./runtime.ts";

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
};

export const podman = new CliRuntime(dialect);
