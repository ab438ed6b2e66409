import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const PUBLIC_MIRROR = "http://deb.debian.org/debian";

interface Source {
    uri: string;
    suites: string[];
    components: string[];
}

/** The Debian mirror in the apt configuration of this machine, or the public one where there is none. */
export function debianMirror(suite: string, apt = "/etc/apt"): string {
    const sources = files(apt)
        .flatMap((file) => parseSources(file, readFileSync(file, "utf8")))
        .filter(({ components }) => components.includes("main"));
    const sameSuite = sources.find(({ suites }) => suites.includes(suite));
    // A mirror of Debian carries all its suites, and by custom its path ends in "debian".
    const debian = sources.filter(({ uri }) => new URL(uri).pathname.endsWith("/debian"));
    const found = debian.find(({ suites }) => suites.includes(suite)) ?? debian[0] ?? sameSuite;
    return found?.uri ?? PUBLIC_MIRROR;
}

/** Reads a file of apt sources: the deb822 format when it is called `*.sources`, else one line for each source. */
export function parseSources(file: string, text: string): Source[] {
    const sources = file.endsWith(".sources") ? parseDeb822(text) : parseLines(text);
    return sources.flatMap(({ uri, ...rest }) =>
        /^https?:\/\//.test(uri) ? [{ ...rest, uri: uri.replace(/\/+$/, "") }] : [],
    );
}

function parseLines(text: string): Source[] {
    return text.split("\n").flatMap((line) => {
        const match = /^\s*deb\s+(?:\[[^\]]*\]\s+)?([^#]+)/.exec(line);
        const [uri, suite, ...components] = match?.[1]?.trim().split(/\s+/) ?? [];
        return uri && suite ? [{ uri, suites: [suite], components }] : [];
    });
}

function parseDeb822(text: string): Source[] {
    const lines = text.split("\n").filter((line) => !line.startsWith("#"));
    return lines
        .join("\n")
        .split(/\n\s*\n/)
        .flatMap((stanza) => {
            const field = (name: string): string[] => {
                const match = new RegExp(`^${name}:((?:.*)(?:\\n[ \\t]+.*)*)`, "im").exec(stanza);
                return match?.[1]?.trim().split(/\s+/).filter(Boolean) ?? [];
            };
            if (!field("Types").includes("deb") || field("Enabled")[0] === "no") {
                return [];
            }
            return field("URIs").map((uri) => ({
                uri,
                suites: field("Suites"),
                components: field("Components"),
            }));
        });
}

function files(apt: string): string[] {
    const parts = join(apt, "sources.list.d");
    const inParts = existsSync(parts) ? readdirSync(parts).sort() : [];
    return [
        join(apt, "sources.list"),
        ...inParts
            .filter((name) => /\.(list|sources)$/.test(name))
            .map((name) => join(parts, name)),
    ].filter((file) => existsSync(file));
}
