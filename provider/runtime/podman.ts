import { cliRuntime } from "./cli.ts";
import type { Dialect } from "./cli.ts";
import { container } from "./docker.ts";
import type { Network } from "./runtime.ts";

/** Podman's own form since version 4; older ones use CNI's. */
interface InspectedNetwork {
    name: string;
    labels?: Record<string, string>;
    subnets?: { subnet: string }[];
}

export const dialect: Dialect = {
    name: "podman",
    networkVariable: "KIND_EXPERIMENTAL_PODMAN_NETWORK",
    // The same form as docker's, except that names have no leading slash.
    container,
    network: ({ name, labels, subnets }: InspectedNetwork): Network => ({
        name,
        subnets: (subnets ?? []).map(({ subnet }) => subnet),
        labels: labels ?? {},
    }),
    silent: /cannot connect to podman|unable to connect to podman|no such file or directory.*podman\.sock/i,
};

export const podman = cliRuntime(dialect);
