import { capabilities, type Host } from "../../plan/host.ts";
import { CLIENT } from "./systemPackages.ts";

/** What a set-up is about to do. */
export interface Requirements {
    /** The cache directory. */
    cache: string;
    /** Something must be built from source. */
    build: boolean;
    /** Debian packages to install. */
    packages: string[];
    /** A container engine must be started, as none answers. */
    startEngine: boolean;
    /** The node image must be made, which only root can. */
    nodeImage: boolean;
    /** Free disk space that it takes, in GiB. */
    disk: number;
    /** Free memory that it takes, in GiB. */
    memory: number;
}

/** What a set-up finds on this machine. */
export interface Machine {
    host: Host;
    /** Name of the user. */
    user: string;
    root: boolean;
    /** Podman's socket, in words, if it is there. */
    podman: string | undefined;
    /** Free disk space for the cache, in GiB. */
    disk: number;
    /** Memory that can be had where containers run, in GiB; undefined if that is not known. */
    memory: number | undefined;
    /** Version of Go, like `1.26.8`; undefined if it is not installed. */
    go: string | undefined;
}

/** Go is new enough from here on: it fetches a newer Go by itself where a module asks for one. */
const GO = [1, 24] as const;

/** Everything that stands in the way, each with its fix. Asks for nothing that is not about to be used. */
export function problems(requirements: Requirements, machine: Machine): string[] {
    const found = [packageProblem(requirements, machine), buildProblem(requirements, machine)];
    if (machine.disk < requirements.disk) {
        found.push(
            `${requirements.disk} GiB of disk space are needed in ${requirements.cache}, ${machine.disk.toFixed(1)} GiB are free. ` +
                "Make room, or set MULTINET_CACHE to a new directory on a larger disk.",
        );
    }
    if (machine.memory !== undefined && machine.memory < requirements.memory) {
        found.push(
            `${requirements.memory} GiB of memory are needed, ${machine.memory.toFixed(1)} GiB are there. Stop something, use ` +
                "a larger machine, or give the virtual machine of the container engine more.",
        );
    }
    return found.filter((problem) => problem !== undefined);
}

/** Of container engine and packages: what is missing and cannot be had by this user on this machine. */
function packageProblem(requirements: Requirements, machine: Machine): string | undefined {
    const { packages, startEngine } = requirements;
    const { apt, ownEngine } = capabilities(machine.host);
    const hasPackages = packages.length === 0 || apt;
    if (startEngine && !(ownEngine && hasPackages)) {
        return noEngine(machine);
    }
    if (!hasPackages) {
        const brew = machine.host.platform === "darwin" ? " (docker-cli: brew install docker)" : "";
        return (
            `Programs are missing; the Debian packages that have them: ${packages.join(", ")}. multinet installs packages on ` +
            `Debian and Ubuntu only. Install the same with the package manager of this system${brew}.`
        );
    }
    return machine.root ? undefined : rootProblem(requirements, machine);
}

function noEngine({ host, podman }: Machine): string {
    const how =
        host.platform === "darwin"
            ? "Install Docker Desktop, Colima or OrbStack, and start it"
            : "Install Docker (docs.docker.com/engine/install, or the packages of your distribution), start it, and add yourself to the group docker";
    return `No container engine answers, and multinet has none of its own for this system. ${how}.${podmanHint(podman)}`;
}

function rootProblem(requirements: Requirements, { user, podman }: Machine): string | undefined {
    const { packages, startEngine, nodeImage } = requirements;
    if (nodeImage) {
        const asRoot = [
            ...(packages.length > 0 ? [`install Debian packages (${packages.join(", ")})`] : []),
            ...(startEngine ? ["start a container engine, as none answers"] : []),
            "make the node image",
        ];
        return (
            `Root is needed to ${list(asRoot)}. Run the same command as root or with sudo, and from then on every command ` +
            "of this checkout, whose files will belong to root."
        );
    }
    if (startEngine) {
        return (
            "No container engine answers. Install one, add yourself to its group, and log in anew: sudo apt-get install " +
            `docker.io && sudo usermod -aG docker ${user}. Or run the same command as root, and from then on every command of ` +
            `this checkout: multinet then starts an engine of its own.${podmanHint(podman)}`
        );
    }
    if (packages.length === 0) {
        return undefined;
    }
    const older = packages.includes(CLIENT) ? ` (docker.io, where there is no ${CLIENT})` : "";
    return (
        "Programs are missing. Install them, then run the same command again, without sudo: sudo apt-get install " +
        `--no-install-recommends ${packages.join(" ")}${older}`
    );
}

function podmanHint(podman: string | undefined): string {
    return podman
        ? ` There is ${podman}: to use it, write runtime: podman into the stack file.`
        : "";
}

function buildProblem({ build }: Requirements, { host, go }: Machine): string | undefined {
    if (!build) {
        return undefined;
    }
    const why = "something must be built because it can neither be found nor downloaded here";
    if (!capabilities(host).build) {
        return (
            `This is ${host.platform} on ${host.arch}, and ${why}; that works on Linux on amd64 only. Give this machine ` +
            "access to the internet (HTTPS_PROXY, NODE_EXTRA_CA_CERTS), or use another one."
        );
    }
    if (isRecent(go)) {
        return undefined;
    }
    return (
        `${go ? `Go ${go} is too old` : "Go is not installed"}, and ${why}. Install Go ${GO.join(".")} or later ` +
        "(go.dev/dl, or your site's mirror) and put it on PATH."
    );
}

function isRecent(version: string | undefined): boolean {
    if (!version) {
        return false;
    }
    const [major = 0, minor = 0] = version.split(".").map(Number);
    return major > GO[0] || (major === GO[0] && minor >= GO[1]);
}

function list(items: string[]): string {
    return items.length < 2 ? items.join() : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}
