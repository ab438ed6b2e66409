import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { X509Certificate } from "node:crypto";
import { registryOf, type Images } from "../plan/images.ts";
import { problem, type Problem } from "../plan/problem.ts";
import { exec } from "../provider/exec.ts";
import type { Registries } from "../provider/kind/registries.ts";

/** What leads to a stack's registries. */
export interface RegistryAccess {
    /** What nodes are told; undefined if there is nothing to tell. */
    registries: Registries | undefined;
    /** For the docker provider: the registry of the node image, if the engine's client is logged in there. */
    engineAccess: { registryAuth?: { address: string; configFile: string }[] };
    problems: Problem[];
}

/** The part of docker's configuration file that is about logins; Podman's has the same form. */
interface ClientConfig {
    auths?: Record<string, { auth?: string }>;
    credsStore?: string;
    credHelpers?: Record<string, string>;
}

interface Source {
    file: string;
    config: ClientConfig;
}

const HUB = "docker.io";

/** Keys under which clients keep the login of Docker Hub and of any other registry. */
const keysOf = (host: string) =>
    host === HUB ? ["https://index.docker.io/v1/", HUB] : [host, `https://${host}`];

/** Milliseconds for a program that keeps passwords: it may ask the user to unlock them. */
const HELPER_TIME = 120_000;

/**
 * How the nodes of a stack reach the registries of their pods' images: with the logins of the container engine's client, and
 * the certificates of `images.ca`, or else those that the engine trusts for the mirror.
 */
export async function registryAccess(
    images: Images,
    { mirror, ca, plain }: { mirror?: string | undefined; ca?: string | undefined; plain: boolean },
): Promise<RegistryAccess> {
    const problems: Problem[] = [];
    const registries: Registries = {};
    const sources = clientConfigs();
    const mirrorHost = mirror === undefined ? undefined : registryOf(`${mirror}/image`);
    const hosts = [images.multus, images.toolbox].map(registryOf);
    for (const host of new Set([...hosts, ...(mirrorHost === undefined ? [] : [mirrorHost])])) {
        const found = await loginAt(host, sources);
        const certificates = host === mirrorHost ? certificatesFor(host, ca, problems) : undefined;
        const registry = {
            ...(certificates !== undefined && { ca: certificates }),
            ...(found && { login: found.login }),
            ...(host === mirrorHost && plain && { plain }),
        };
        if (Object.keys(registry).length > 0) {
            registries[host] = registry;
        }
    }
    const address = registryOf(images.node);
    const login = await loginAt(address, sources);
    return {
        registries: Object.keys(registries).length > 0 ? registries : undefined,
        engineAccess: login ? { registryAuth: [{ address, configFile: login.file }] } : {},
        problems,
    };
}

function clientConfigs(): Source[] {
    const { DOCKER_CONFIG, REGISTRY_AUTH_FILE, XDG_RUNTIME_DIR } = process.env;
    const files = [
        join(DOCKER_CONFIG || join(homedir(), ".docker"), "config.json"),
        REGISTRY_AUTH_FILE || (XDG_RUNTIME_DIR && join(XDG_RUNTIME_DIR, "containers", "auth.json")),
    ];
    return files.flatMap((file) => {
        const config = file && readConfig(file);
        return config ? [{ file, config }] : [];
    });
}

/** Undefined for none, and for one that its client could not read either. */
function readConfig(file: string): ClientConfig | undefined {
    try {
        return JSON.parse(readFileSync(file, "utf8")) as ClientConfig;
    } catch {
        return undefined;
    }
}

async function loginAt(
    host: string,
    sources: Source[],
): Promise<{ login: string; file: string } | undefined> {
    for (const { file, config } of sources) {
        for (const key of keysOf(host)) {
            const helper = config.credHelpers?.[key] ?? config.credsStore;
            const stated = config.auths?.[key]?.auth;
            const login = stated || (helper && (await fromHelper(helper, key)));
            if (login) {
                return { login, file };
            }
        }
    }
    return undefined;
}

/** From a program that keeps passwords (docker's credential helpers); undefined if it has none for this registry. */
async function fromHelper(name: string, key: string): Promise<string | undefined> {
    const options = { input: key, timeout: HELPER_TIME };
    const said = await exec(`docker-credential-${name}`, ["get"], options).catch(() => undefined);
    if (said === undefined) {
        return undefined;
    }
    const { Username, Secret } = JSON.parse(said) as { Username: string; Secret: string };
    // A token is for the client that got it, not for the kubelet.
    return Username === "<token>"
        ? undefined
        : Buffer.from(`${Username}:${Secret}`).toString("base64");
}

/** Where container engines look for a registry's certificates. */
const TRUSTED = [
    "/etc/docker/certs.d",
    join(homedir(), ".docker", "certs.d"),
    "/etc/containers/certs.d",
];

function certificatesFor(
    host: string,
    ca: string | undefined,
    problems: Problem[],
): string | undefined {
    if (ca === undefined) {
        return TRUSTED.map((folder) => contentOf(join(folder, host, "ca.crt"))).find(Boolean);
    }
    try {
        const text = readFileSync(ca, "utf8");
        new X509Certificate(text);
        return text;
    } catch (error) {
        problems.push(
            problem(["images", "ca"], ca, {
                reason: `It cannot be read as a certificate: ${(error as Error).message}.`,
                fix: "Name a file in PEM form, absolute or from the project folder.",
            }),
        );
        return undefined;
    }
}

function contentOf(file: string): string | undefined {
    try {
        return readFileSync(file, "utf8");
    } catch {
        return undefined;
    }
}
