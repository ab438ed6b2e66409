import { existsSync } from "node:fs";
import { locate, pathDirectories } from "./onPath.ts";

/** Programs and files of the system, and the Debian package to take each from. */
type Requirements = Record<string, string>;

const forEngine: Requirements = {
    dockerd: "docker.io",
    containerd: "containerd",
    runc: "runc",
    iptables: "iptables",
};

const forRootfs: Requirements = {
    debootstrap: "debootstrap",
    "/usr/share/keyrings/debian-archive-keyring.gpg": "debian-archive-keyring",
};

/** The Debian packages that an engine of our own, or making the nodes' root, takes and this machine lacks. */
export function missingPackages(purpose: { engine: boolean; rootfs: boolean }): string[] {
    const required = { ...(purpose.engine ? forEngine : {}), ...(purpose.rootfs ? forRootfs : {}) };
    const directories = [...pathDirectories(), "/usr/local/sbin", "/usr/sbin", "/sbin"];
    const there = (name: string) =>
        name.startsWith("/") ? existsSync(name) : locate(name, directories) !== undefined;
    return Object.entries(required)
        .filter(([name]) => !there(name))
        .map(([, debianPackage]) => debianPackage);
}
