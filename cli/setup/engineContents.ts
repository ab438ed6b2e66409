import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { query } from "../../system/dockerApi.ts";
import { readJson } from "../../system/smallFile.ts";
import { LABELS } from "../../plan/labels.ts";

/** What a container engine holds, each as a line for people. */
export interface Contents {
    running: string[];
    /** All containers, those that run included. */
    containers: string[];
    /** Volumes, networks that the engine did not make itself, and images that can be had nowhere else. */
    others: string[];
}

interface Labelled {
    Labels?: Record<string, string> | null;
}

interface ApiContainer extends Labelled {
    Names: string[];
    State: string;
    NetworkSettings?: { Networks?: Record<string, unknown> };
}

interface ApiNetwork extends Labelled {
    Name: string;
}

interface ApiImage {
    RepoTags?: string[] | null;
    RepoDigests?: string[] | null;
}

/** Networks that every engine has. */
const PREDEFINED = ["bridge", "host", "none"];

/** Everything on an engine that answers. */
export async function contentsOf(host: string): Promise<Contents> {
    const [containers, networks, volumes, images] = await Promise.all([
        query<ApiContainer[]>(host, "/containers/json?all=1"),
        query<ApiNetwork[]>(host, "/networks"),
        query<{ Volumes?: { Name: string }[] | null }>(host, "/volumes"),
        query<ApiImage[]>(host, "/images/json"),
    ]);
    const own = (networks ?? []).filter(({ Name }) => !PREDEFINED.includes(Name));
    return {
        running: (containers ?? []).filter(({ State }) => State === "running").map(container),
        containers: (containers ?? []).map(container),
        others: [
            ...(volumes?.Volumes ?? []).map(({ Name }) => `volume ${Name}`),
            ...own.map((network) => `network ${network.Name}${stackOf(network)}`),
            ...(images ?? []).flatMap(onlyHere).map((name) => `image ${name}`),
        ],
    };
}

/** Containers of multinet, of whatever checkout, on an engine that others use as well. */
export async function multinetContainers(host: string): Promise<string[]> {
    const networks = (await query<ApiNetwork[]>(host, "/networks")) ?? [];
    const ours = networks.filter(({ Labels }) => Labels?.[LABELS.project] !== undefined);
    const containers = (await query<ApiContainer[]>(host, "/containers/json?all=1")) ?? [];
    return containers.flatMap((one) => {
        const network = ours.find(({ Name }) => Name in (one.NetworkSettings?.Networks ?? {}));
        return network ? [`${container(one)}${stackOf(network)}`] : [];
    });
}

/** What an engine that does not run has left in its data directory. */
export function contentsOnDisk(data: string): Contents {
    const containers = folders(join(data, "containers")).map((id) => {
        const file = join(data, "containers", id, "config.v2.json");
        const config = readJson<{ Name?: string; Config?: Labelled }>(file);
        return container({ Names: [config?.Name ?? id], ...config?.Config, State: "" });
    });
    const volumes = folders(join(data, "volumes")).map((name) => `volume ${name}`);
    const images = folders(join(data, "image")).flatMap((driver) => {
        const file = join(data, "image", driver, "repositories.json");
        const { Repositories = {} } =
            readJson<{ Repositories?: Record<string, Record<string, string>> }>(file) ?? {};
        return Object.values(Repositories).flatMap((references) => {
            const names = Object.keys(references);
            return onlyHere({
                RepoTags: names.filter((name) => !name.includes("@")),
                RepoDigests: names.filter((name) => name.includes("@")),
            });
        });
    });
    return {
        running: [],
        containers,
        others: [...volumes, ...images.map((name) => `image ${name}`)],
    };
}

function container({ Names: [name = ""], Labels }: ApiContainer): string {
    const cluster = Labels?.["io.x-k8s.kind.cluster"];
    return `container ${name.replace(/^\//, "")}${cluster ? ` (kind cluster ${cluster})` : ""}`;
}

function stackOf({ Labels }: Labelled): string {
    const stack = Labels?.[LABELS.stack];
    return stack ? `, of the stack "${stack}"` : "";
}

/** An image with a digest was pulled; those of multinet's own name are made from the cache. */
function onlyHere({ RepoTags, RepoDigests }: ApiImage): string[] {
    const pulled = (RepoDigests ?? []).some((name) => !name.startsWith("<none>"));
    if (pulled) {
        return [];
    }
    return (RepoTags ?? []).filter(
        (name) => !name.startsWith("<none>") && !name.startsWith("multinet.local/"),
    );
}

function folders(path: string): string[] {
    if (!existsSync(path)) {
        return [];
    }
    return readdirSync(path, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => name);
}
