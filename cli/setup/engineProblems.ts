import { sep } from "node:path";
import type { EngineInfo } from "../../system/dockerApi.ts";
import type { EngineFacts, EnginePlace } from "./engineAddress.ts";

/** Why an engine on another machine will not do. */
const ELSEWHERE =
    "The API servers of kind clusters listen on 127.0.0.1 of the engine's machine, and nodes mount folders of that machine. " +
    "Run multinet there";

/** Schemes of addresses that name a machine. */
const NETWORK = ["tcp:", "http:", "https:", "ssh:"];

/** Why an engine cannot be used, as far as its address tells; undefined if it may do. */
export function addressProblem(place: EnginePlace, facts: EngineFacts): string | undefined {
    const { address, source } = place;
    if (address.startsWith("unix://")) {
        return undefined;
    }
    const url = URL.parse(address);
    if (!url || !NETWORK.includes(url.protocol)) {
        return (
            `${source} is no address of a container engine that multinet can use: unix:///PATH, or tcp:// or ssh:// of ` +
            "this machine."
        );
    }
    const name = url.hostname.replace(/^\[(.*)\]$/, "$1");
    if (/^(localhost|127(\.\d+){3}|::1)$/i.test(name) || facts.names.includes(name)) {
        return undefined;
    }
    return `${source} is a container engine on another machine. ${ELSEWHERE}, or choose an engine of this machine.`;
}

/** What to do about an engine that this user may not ask. */
export function permissionProblem({ source, address }: EnginePlace, facts: EngineFacts): string {
    const groups = (facts.read("/etc/group") ?? "").split("\n").map((line) => line.split(":"));
    const isMember = groups.some(
        ([name, , , members = ""]) => name === "docker" && members.split(",").includes(facts.user),
    );
    const runs = `A container engine runs (${source}), but you may not use it.`;
    if (!/\/docker\.sock$/.test(address)) {
        return `${runs} Let its owner give you access to that socket.`;
    }
    return isMember
        ? `${runs} You are in the group docker, but were not yet when you logged in: log in anew, or type: newgrp docker`
        : `${runs} Add yourself to the group docker, and log in anew: sudo usermod -aG docker ${facts.user}`;
}

/** The kernel of this machine, and its host name. */
export interface Kernel {
    /** As `uname -r` prints it. */
    release: string;
    hostname: string;
}

/** Whether containers run on another kernel than this process: in a virtual machine, or far away. */
export function isInVirtualMachine({ KernelVersion }: EngineInfo, { release }: Kernel): boolean {
    return threeNumbers(KernelVersion) !== threeNumbers(release);
}

/** Docker writes 6.11-rc1 as 6.11.0-rc1. */
function threeNumbers(version: string): string {
    return version.replace(/^(\d+\.\d+)(?![\d.])/, "$1.0");
}

/**
 * Why an engine that answers cannot be used. One on this kernel under another host name is in another container: an
 * address like tcp://127.0.0.1 or a mounted socket does not tell. Virtual machines of desktops, and WSL, whose
 * distributions share a kernel, bring the ports to this machine.
 */
export function engineProblems(
    info: EngineInfo,
    { source }: EnginePlace,
    kernel: Kernel,
    folders: string[],
    home: string,
): string[] {
    const { Name, OperatingSystem, DockerRootDir } = info;
    const forwards = /desktop/i.test(OperatingSystem) || /microsoft/i.test(kernel.release);
    const found: string[] = [];
    if (!isInVirtualMachine(info, kernel) && !forwards && Name !== kernel.hostname) {
        found.push(
            `${source} is a container engine in another network namespace: its host is called ${Name}, this one ` +
                `${kernel.hostname}. ${ELSEWHERE}.`,
        );
    }
    const hidden = folders.filter((folder) => isHidden(folder, home));
    if (DockerRootDir.startsWith("/var/snap/") && hidden.length > 0) {
        found.push(
            `${source} is Docker as a snap, which cannot mount what is outside of home directories or hidden in them: ` +
                `${hidden.join(", ")}. Install Docker as a package instead (sudo snap remove docker; sudo apt-get install ` +
                "docker.io), or have checkout and cache (MULTINET_CACHE) in folders of your home that are not hidden.",
        );
    }
    return found;
}

function isHidden(folder: string, home: string): boolean {
    return !folder.startsWith(home + sep) || folder.startsWith(`${home}${sep}.`);
}
