import { existsSync, readdirSync } from "node:fs";
import type { Cache } from "../../system/cache.ts";
import { ask, DEFAULT_SOCKET } from "../../system/dockerApi.ts";
import { locate, pathDirectories } from "./onPath.ts";
import { Packages } from "./packages.ts";

/** Programs and files of the system, and the Debian package to take each from. */
type PackageOf = Record<string, string>;

/** An engine of our own takes these. */
export const forEngine: PackageOf = {
    dockerd: "docker.io",
    containerd: "containerd",
    runc: "runc",
    iptables: "iptables",
};

/** The docker client; where there is no such package, docker.io has it. */
export const CLIENT = "docker-cli";

/** kind and the provider run the docker client, whatever engine answers. */
export const forClient: PackageOf = { docker: CLIENT };

/** Ubuntu has no such package. */
const BROWSER = "chromium-headless-shell";

/** Tests run the charts' scripts in network namespaces of their own, and look at pages, with these. */
export const forTests: PackageOf = {
    [BROWSER]: BROWSER,
    conntrack: "conntrack",
    ip: "iproute2",
    iptables: "iptables",
    jq: "jq",
    nft: "nftables",
    perl: "perl",
    ping: "iputils-ping",
    socat: "socat",
};

/** The Debian packages of what this machine lacks of these. */
export function missingPackages(...wanted: PackageOf[]): string[] {
    const directories = [...pathDirectories(), "/usr/local/sbin", "/usr/sbin", "/sbin"];
    const there = (name: string) =>
        name.startsWith("/") ? existsSync(name) : locate(name, directories) !== undefined;
    const missing = wanted
        .flatMap((packageOf) => Object.entries(packageOf))
        .filter(([name]) => !there(name))
        .map(([, debianPackage]) => debianPackage);
    return [...new Set(missing)];
}

/** Installs Debian packages; the error of a failure says what to do. */
export async function installPackages(names: string[], cache: Cache): Promise<void> {
    const apt = new Packages(cache);
    try {
        await apt.update();
        const browser = names.includes(BROWSER) && (await apt.offers(BROWSER));
        const others = names.filter((name) => name !== CLIENT && (name !== BROWSER || browser));
        if (others.length > 0) {
            await apt.install(others);
        }
        if (names.includes(CLIENT)) {
            await installClient(apt);
        }
    } catch (error) {
        throw new Error(
            `Could not install Debian packages.\n${(error as Error).message}\nIf "apt-get update" fails as well, repair ` +
                "that first; a package that is installed already is not asked for again.",
            { cause: error },
        );
    }
}

/** Until Debian 12, and in Ubuntu, the client comes with the engine. */
async function installClient(apt: Packages): Promise<void> {
    if (locate("docker")) {
        return;
    }
    await apt.install([(await apt.offers(CLIENT)) ? CLIENT : "docker.io"]);
}

/** Packages of a container engine. */
const ENGINE_PACKAGES = ["docker.io", "docker-cli", "containerd", "runc"];

/** Where the machine's own engine keeps its data. */
const ENGINE_DATA = ["/var/lib/docker", "/var/lib/containerd"];

/** What docker.io puts there itself when it is removed. */
const LEFT_BY_PACKAGE = "nuke-graph-directory.sh";

/**
 * Tells of each package why it must stay, if the machine has an engine besides the one that was started here: it
 * answers, or has data.
 */
export async function engineInUse(
    socket = DEFAULT_SOCKET,
    data = ENGINE_DATA,
): Promise<(name: string) => string | undefined> {
    const holdsData = (directory: string) =>
        existsSync(directory) && readdirSync(directory).some((name) => name !== LEFT_BY_PACKAGE);
    const full = data.find(holdsData);
    const reason =
        (await ask(socket)) !== "absent"
            ? `the container engine at ${socket} runs with them`
            : full && `a container engine has data in ${full}`;
    return (name) => (ENGINE_PACKAGES.includes(name) ? reason : undefined);
}
