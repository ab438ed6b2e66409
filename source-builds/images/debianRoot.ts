import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { readLinkage } from "./elf.ts";
import type { Layer } from "./layer.ts";

const LIBRARIES = ["/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64", "/lib"];
const PROGRAMS = /^(\/usr)?\/s?bin\/[^/]+$/;
/** The kernel gives up after as many links, too. */
const MAX_LINKS = 40;

/** To be raised when other files are picked, or put elsewhere, for the same names. */
export const DEBIAN_FORMAT = "debian 1";

/** A Debian system in a directory, from which single programs can be taken into an image. */
export class DebianRoot {
    readonly path: string;

    constructor(path: string) {
        this.path = path;
    }

    /** Puts files into the layer at their own paths, with the links that lead to them and the libraries they load. */
    pick(layer: Layer, paths: string[]): void {
        for (const path of paths) {
            this.pickOne(layer, path);
        }
    }

    /**
     * Puts a directory with everything in it into the layer, at its real path and with the links that lead to it, and
     * the libraries that its files load.
     */
    pickTree(layer: Layer, path: string): void {
        const { links, real } = this.follow(path);
        for (const [link, target] of links) {
            layer.link(link, target);
        }
        const source = join(this.path, real);
        layer.tree(real, source);
        for (const entry of readdirSync(source, { recursive: true, withFileTypes: true })) {
            if (entry.isFile()) {
                this.pickLibraries(layer, relative(this.path, join(entry.parentPath, entry.name)));
            }
        }
    }

    /** Picks all programs of installed packages, and the alternatives (`nc`, `awk`) that name one of them. */
    pickPackages(layer: Layer, packages: string[]): void {
        for (const name of packages) {
            this.pick(layer, this.programsOf(name));
        }
        for (const directory of ["/usr/bin", "/usr/sbin"]) {
            for (const name of readdirSync(join(this.path, directory))) {
                const path = join(directory, name);
                if (!this.target(path)?.startsWith("/etc/alternatives/")) {
                    continue;
                }
                if (layer.has(this.follow(path).real)) {
                    this.pick(layer, [path]);
                }
            }
        }
    }

    private pickOne(layer: Layer, path: string): void {
        const { links, real } = this.follow(path);
        for (const [link, target] of links) {
            layer.link(link, target);
        }
        if (layer.has(real)) {
            return;
        }
        const source = join(this.path, real);
        const found = lstatSync(source, { throwIfNoEntry: false });
        if (!found?.isFile()) {
            throw new Error(
                `${path} is not a file in the Debian root ${this.path}; ` +
                    "is its package in the list that the root is made of?",
            );
        }
        layer.file(real, source, found.mode & 0o777);
        this.pickLibraries(layer, real);
    }

    private pickLibraries(layer: Layer, real: string): void {
        const linkage = readLinkage(join(this.path, real));
        if (linkage?.interpreter) {
            this.pickOne(layer, linkage.interpreter);
        }
        for (const library of linkage?.needed ?? []) {
            this.pickOne(layer, this.findLibrary(library, linkage?.runpath ?? [], real));
        }
    }

    private findLibrary(name: string, runpath: string[], user: string): string {
        const directory = [...runpath, ...LIBRARIES].find((candidate) =>
            existsSync(join(this.path, this.follow(join(candidate, name)).real)),
        );
        if (directory) {
            return join(directory, name);
        }
        throw new Error(`${user} loads ${name}, which the Debian root ${this.path} does not have`);
    }

    private programsOf(name: string): string[] {
        const info = join(this.path, "var/lib/dpkg/info");
        const list = [`${name}.list`, `${name}:amd64.list`].find((file) =>
            existsSync(join(info, file)),
        );
        if (!list) {
            throw new Error(
                `package ${name} is not installed in the Debian root ${this.path}; ` +
                    "add it to the packages that the root is made of",
            );
        }
        return readFileSync(join(info, list), "utf8")
            .split("\n")
            .filter((path) => PROGRAMS.test(path));
    }

    /** Follows symbolic links as a process whose root is this directory would. */
    private follow(path: string): { links: [string, string][]; real: string } {
        const links: [string, string][] = [];
        let rest = path.split("/").filter(Boolean);
        let real = "/";
        for (let part = rest.shift(); part !== undefined; part = rest.shift()) {
            const next = resolve(real, part);
            const target = this.target(next);
            if (target === undefined) {
                real = next;
                continue;
            }
            links.push([next, target]);
            if (links.length > MAX_LINKS) {
                throw new Error(`${path}: too many symbolic links`);
            }
            const absolute = resolve(dirname(next), target);
            rest = [...absolute.split("/").filter(Boolean), ...rest];
            real = "/";
        }
        return { links, real };
    }

    private target(path: string): string | undefined {
        const source = join(this.path, path);
        const isLink = lstatSync(source, { throwIfNoEntry: false })?.isSymbolicLink();
        return isLink ? readlinkSync(source) : undefined;
    }
}
