import type { Inspected } from "./networkShape.ts";

/** What `podman network inspect` prints of a network, since version 4; the containers on it since version 5. */
export interface PodmanNetwork {
    id: string;
    name: string;
    driver: string;
    ipv6_enabled: boolean;
    internal: boolean;
    labels?: Record<string, string>;
    options?: Record<string, string>;
    ipam_options?: Record<string, string>;
    subnets?: { subnet: string; gateway?: string }[];
    containers?: Record<string, { name: string }>;
}

/** The same in the form of Docker, as Podman's own server answers to Docker's clients. */
export function networkForm(one: PodmanNetwork): Inspected {
    const containers = Object.entries(one.containers ?? {});
    return {
        Id: one.id,
        Name: one.name,
        Driver: one.driver,
        Scope: "local",
        Attachable: false,
        Ingress: false,
        Internal: one.internal,
        EnableIPv6: one.ipv6_enabled,
        Labels: one.labels ?? {},
        Options: one.options ?? {},
        Containers: Object.fromEntries(containers.map(([id, { name }]) => [id, { Name: name }])),
        IPAM: {
            Driver: "default",
            Options: one.ipam_options ?? {},
            Config: (one.subnets ?? []).map(({ subnet, gateway }) => ({
                Subnet: subnet,
                ...(gateway !== undefined && { Gateway: gateway }),
            })),
        },
    };
}

/** `podman image inspect` names the digest without the function that made it. */
export function imageForm<T extends { Id: string }>(one: T): T {
    return { ...one, Id: one.Id.includes(":") ? one.Id : `sha256:${one.Id}` };
}
