import { createHash } from "node:crypto";
import { join } from "node:path";
import type { RuntimeName } from "../../provider/runtime/runtime.ts";

/** What a machine says about its container engines. */
export interface EngineFacts {
    platform: string;
    env: NodeJS.ProcessEnv;
    /** The user's home directory, number, and name. */
    home: string;
    uid: number;
    user: string;
    /** Text of a file; undefined if it cannot be read. */
    read(file: string): string | undefined;
    /** Whether there is something at a path. */
    exists(path: string): boolean;
    /** Names and addresses of the machine itself. */
    names: string[];
}

/** Where an engine may listen. */
export interface EnginePlace {
    /** As in DOCKER_HOST. */
    address: string;
    /** Who says so, as messages name it. */
    source: string;
    /** The user has chosen it: no other engine is taken in its place. */
    chosen: boolean;
}

interface Socket {
    /** What usually listens there. */
    engine: string;
    /** `~` is the home directory, `$RUNTIME` the user's directory for sockets. */
    path: string;
    /** Users whose containers these are; the others' come from elsewhere. */
    of?: "root" | "user";
}

/** In the order in which they are asked. */
const SOCKETS: Record<RuntimeName, Socket[]> = {
    docker: [
        { engine: "Docker", path: "/var/run/docker.sock" },
        { engine: "rootless Docker", path: "$RUNTIME/docker.sock" },
        { engine: "Docker Desktop", path: "~/.docker/run/docker.sock" },
        { engine: "Docker Desktop", path: "~/.docker/desktop/docker.sock" },
        { engine: "Colima", path: "~/.colima/default/docker.sock" },
        { engine: "Colima", path: "~/.config/colima/default/docker.sock" },
        { engine: "OrbStack", path: "~/.orbstack/run/docker.sock" },
        { engine: "Rancher Desktop", path: "~/.rd/docker.sock" },
    ],
    // kind asks the program podman, which shows each user containers of its own.
    podman: [
        { engine: "Podman", path: "/run/podman/podman.sock", of: "root" },
        { engine: "rootless Podman", path: "$RUNTIME/podman/podman.sock", of: "user" },
        {
            engine: "Podman machine",
            path: "~/.local/share/containers/podman/machine/podman.sock",
            of: "user",
        },
    ],
};

/** Where an engine may be, in the order in which they count; just the one that the user has chosen, if any. */
export function enginePlaces(facts: EngineFacts, runtime: RuntimeName): EnginePlace[] {
    const chosen = chosenPlace(facts, runtime);
    return chosen ? [chosen] : usualPlaces(facts, runtime);
}

function chosenPlace(facts: EngineFacts, runtime: RuntimeName): EnginePlace | undefined {
    const variables = ["DOCKER_HOST", ...(runtime === "podman" ? ["CONTAINER_HOST"] : [])];
    const variable = variables.find((name) => facts.env[name]);
    if (variable !== undefined) {
        const address = facts.env[variable]!;
        return { address, source: `${variable}=${address}`, chosen: true };
    }
    return runtime === "docker" ? contextPlace(facts) : undefined;
}

/** The sockets that are there. */
export function usualPlaces(facts: EngineFacts, runtime: RuntimeName): EnginePlace[] {
    const user = facts.uid === 0 ? "root" : "user";
    return SOCKETS[runtime]
        .filter(({ of }) => of === undefined || of === user)
        .map(({ engine, path }) => ({ engine, path: expand(path, facts) }))
        .filter(({ path }) => facts.exists(path))
        .map(({ engine, path }) => ({
            address: `unix://${path}`,
            source: `${engine} at ${path}`,
            chosen: false,
        }));
}

function expand(path: string, { home, uid, env }: EngineFacts): string {
    const runtime = env["XDG_RUNTIME_DIR"] || `/run/user/${uid}`;
    return path.replace(/^~(?=\/)/, () => home).replace(/^\$RUNTIME(?=\/)/, () => runtime);
}

/** What `docker context use` or DOCKER_CONTEXT say; the context `default` says nothing. */
function contextPlace(facts: EngineFacts): EnginePlace | undefined {
    const folder = facts.env["DOCKER_CONFIG"] || join(facts.home, ".docker");
    const current = json<{ currentContext?: unknown }>(facts.read(join(folder, "config.json")));
    const name = facts.env["DOCKER_CONTEXT"] || current?.currentContext;
    if (typeof name !== "string" || name === "" || name === "default") {
        return undefined;
    }
    const id = createHash("sha256").update(name).digest("hex");
    const meta = json<Context>(facts.read(join(folder, "contexts", "meta", id, "meta.json")));
    const address = meta?.Endpoints?.docker?.Host;
    if (!address) {
        const from = facts.env["DOCKER_CONTEXT"] ? "DOCKER_CONTEXT" : `${folder}/config.json`;
        throw new Error(
            `There is no docker context "${name}", which ${from} names. Choose one of \`docker context ls\`: ` +
                "docker context use NAME",
        );
    }
    return { address, source: `the docker context "${name}" (${address})`, chosen: true };
}

interface Context {
    Endpoints?: { docker?: { Host?: string } };
}

/** A damaged file says nothing, as for docker itself. */
function json<T>(text: string | undefined): T | undefined {
    try {
        return (JSON.parse(text ?? "null") as T | null) ?? undefined;
    } catch {
        return undefined;
    }
}
