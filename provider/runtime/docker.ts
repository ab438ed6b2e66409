import { CliRuntime } from "./cli.ts";
import type { Dialect } from "./cli.ts";
import { MTU_OPTION, type Container, type Network } from "./runtime.ts";

interface Inspected {
    Id: string;
    Name: string;
    State: { Status: string };
    Config: { Image: string; Labels: Record<string, string> | null; Env: string[] | null };
    HostConfig: {
        Memory: number;
        Binds: string[] | null;
        Devices: { PathOnHost: string }[] | null;
        Sysctls?: Record<string, string> | null;
        UsernsMode: string;
    };
    NetworkSettings: { Networks: Record<string, { IPAddress: string }> | null };
}

interface InspectedNetwork {
    Id: string;
    Name: string;
    Driver: string;
    Labels: Record<string, string> | null;
    Options?: Record<string, string> | null;
    IPAM: { Config: { Subnet: string; Gateway?: string }[] | null };
}

export function container(one: Inspected): Container {
    const networks = Object.entries(one.NetworkSettings.Networks ?? {});
    return {
        id: one.Id,
        name: one.Name.replace(/^\//, ""),
        image: one.Config.Image,
        state: stateOf(one.State.Status),
        labels: one.Config.Labels ?? {},
        networks: Object.fromEntries(networks.map(([name, { IPAddress }]) => [name, IPAddress])),
        memory: one.HostConfig.Memory,
        env: one.Config.Env ?? [],
        binds: one.HostConfig.Binds ?? [],
        devices: (one.HostConfig.Devices ?? []).map(({ PathOnHost }) => PathOnHost),
        sysctls: one.HostConfig.Sysctls ?? {},
        userns: one.HostConfig.UsernsMode,
    };
}

/** The number that an engine writes as text. */
export function bytes(text: string | undefined): number | undefined {
    return Number(text) || undefined;
}

export function stateOf(status: string): Container["state"] {
    return status === "running" || status === "paused" ? status : "stopped";
}

export const dialect: Dialect = {
    name: "docker",
    networkVariable: "KIND_EXPERIMENTAL_DOCKER_NETWORK",
    container,
    network: ({ Id, Name, Driver, Labels, Options, IPAM }: InspectedNetwork): Network => ({
        id: Id,
        name: Name,
        driver: Driver,
        subnets: (IPAM.Config ?? []).map(({ Subnet }) => Subnet),
        gateway: IPAM.Config?.[0]?.Gateway,
        mtu: bytes(Options?.[MTU_OPTION]),
        labels: Labels ?? {},
    }),
    engineId: ({ ID }: { ID: string }) => ID,
    addressVariables: ["DOCKER_HOST", "DOCKER_CONTEXT"],
    socket: () => /^unix:\/\/(.+)$/.exec(process.env["DOCKER_HOST"] ?? "")?.[1],
    silent: /cannot connect to the docker daemon|error during connect|docker daemon is not running|permission denied while trying to connect/i,
    removal: [],
};

export const docker = new CliRuntime(dialect);
