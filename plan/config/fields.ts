import { cidrOf, formatCidr, overlaps, parseCidr } from "../cidr.ts";
import { PUBLISHED } from "../images.ts";
import { LONGEST_CLUSTER_NAME, LONGEST_NETWORK_NAME, PRIMARY } from "../names.ts";
import type { Explanation } from "../problem.ts";

/** What is wrong with a value when it is looked at alone; undefined if nothing is. */
export type Check<T> = (value: T) => Explanation | undefined;

/** IPv4 ranges whose addresses mean something fixed, so that nothing can be reached there. */
const RESERVED: readonly (readonly [range: string, use: string])[] = [
    ["0.0.0.0/8", '"this host"'],
    ["127.0.0.0/8", "loopback"],
    ["169.254.0.0/16", "link-local addresses"],
    ["192.0.0.0/24", "protocol assignments"],
    ["192.0.2.0/24", "documentation"],
    ["198.51.100.0/24", "documentation"],
    ["203.0.113.0/24", "documentation"],
    ["224.0.0.0/4", "multicast"],
    ["240.0.0.0/4", "future use and broadcast"],
];

export const range: Check<string> = (text) => {
    const cidr = parseCidr(text);
    if ("reason" in cidr) {
        return cidr;
    }
    const reserved = RESERVED.find(([range]) => overlaps(cidr, cidrOf(range)));
    if (!reserved) {
        return undefined;
    }
    return {
        reason: `${formatCidr(cidr)} overlaps with ${reserved[0]}, which is reserved for ${reserved[1]}.`,
        fix: "Choose a private range, inside 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16.",
    };
};

/** A range of a certain size; `because` says where the bounds of the prefix length come from. */
export function rangeOf(shortest: number, longest: number, because: string): Check<string> {
    return (text) => {
        const cidr = parseCidr(text);
        const explanation = range(text);
        if (explanation || "reason" in cidr) {
            return explanation;
        }
        if (cidr.prefix >= shortest && cidr.prefix <= longest) {
            return undefined;
        }
        return {
            reason: `The range is too ${cidr.prefix < shortest ? "large" : "small"}: ${because}.`,
            fix: `Write a prefix length from /${shortest} to /${longest}.`,
        };
    };
}

/** An integer within bounds; `because` says where the bounds come from. */
export function whole(lowest: number, highest: number, because: string): Check<number> {
    const fix = `Write an integer from ${lowest} to ${highest}.`;
    return (value) => {
        if (!Number.isInteger(value)) {
            return { reason: "This is not an integer.", fix };
        }
        if (value < lowest) {
            return { reason: `This is less than ${lowest}: ${because}.`, fix };
        }
        if (value > highest) {
            return { reason: `This is more than ${highest}: ${because}.`, fix };
        }
        return undefined;
    };
}

export const clusterName = dnsLabel("cluster", LONGEST_CLUSTER_NAME);

const networkLabel = dnsLabel("network", LONGEST_NETWORK_NAME);

export const networkName: Check<string> = (name) =>
    name === PRIMARY
        ? {
              reason: `"${PRIMARY}" is what the clusters' own network is called in the matrix.`,
              fix: "Give the extra network another name.",
          }
        : networkLabel(name);

/** The names become part of host names and of Kubernetes objects. */
function dnsLabel(noun: string, longest: number): Check<string> {
    return (name) => {
        if (name === "") {
            return {
                reason: `The name of the ${noun} is empty.`,
                fix: `Give it a name, such as ${noun}1.`,
            };
        }
        if (name.length > longest) {
            return {
                reason: `The name of the ${noun} has ${name.length} characters; it becomes part of longer names with a fixed limit.`,
                fix: `Shorten it to at most ${longest} characters.`,
            };
        }
        if (/^[a-z]([a-z0-9-]*[a-z0-9])?$/.test(name)) {
            return undefined;
        }
        const better = name
            .toLowerCase()
            .replace(/[^a-z0-9]+/g, "-")
            .replace(/^[-0-9]+|-+$/g, "");
        return {
            reason: `The name of the ${noun} becomes part of host names: only lower-case letters a to z, digits and "-" may be in it, first a letter, last a letter or digit.`,
            fix: better ? `Rename it, for example to "${better}".` : "Rename it.",
        };
    };
}

/** Memory in MiB with which a kind node starts Kubernetes and the data plane, and more than which no machine has. */
const LEAST_MEMORY = 1024;
const MOST_MEMORY = 1024 * 1024;

export const memory: Check<string> = (text) => {
    const [, amount, unit] = /^([1-9]\d*)(MiB|GiB)$/.exec(text) ?? [];
    if (amount === undefined) {
        const [, number, letter] = /^\s*([1-9]\d*)\s*([mg])i?b?\s*$/i.exec(text) ?? [];
        const guess = number && letter ? `${number}${letter.toUpperCase()}iB` : "4GiB";
        const meant = memory(guess) ? "4GiB" : guess;
        return {
            reason: "This is not an amount of memory in MiB or GiB.",
            fix: `Write an integer and the unit, such as "${meant}".`,
        };
    }
    const fix = 'Write an amount from "1GiB" to "1024GiB"; "4GiB" is the default.';
    const mebibytes = Number(amount) * (unit === "MiB" ? 1 : 1024);
    if (mebibytes < LEAST_MEMORY) {
        return { reason: "A node with less than 1GiB does not get Kubernetes started.", fix };
    }
    if (mebibytes > MOST_MEMORY) {
        return { reason: "No node can have that much memory.", fix };
    }
    return undefined;
};

const HOST = String.raw`[A-Za-z0-9]+([.-][A-Za-z0-9]+)*(:\d{1,5})?`;
const REPOSITORY = String.raw`[a-z0-9]+((\.|__?|-+)[a-z0-9]+)*`;
const MIRROR = new RegExp(`^(http://)?${HOST}(/${REPOSITORY})*$`);
const LOCAL = /^(http:\/\/)?(localhost|127(\.\d+){3})([:/]|$)/;
const REFERENCE = new RegExp(
    String.raw`^(${HOST}/)?${REPOSITORY}(/${REPOSITORY})*(?<tag>:\w[\w.-]{0,127})?(?<digest>@sha256:[0-9a-f]{64})?$`,
);

/** Longest image reference that registries take, in characters. */
const LONGEST_REFERENCE = 255;

export const image: Check<string> = (text) => {
    const parts = text.length <= LONGEST_REFERENCE ? REFERENCE.exec(text)?.groups : undefined;
    if (!parts) {
        return {
            reason: "This is not an image reference.",
            fix: `Write registry, repository and tag or digest, such as "${PUBLISHED.node}".`,
        };
    }
    if (parts.digest) {
        return undefined;
    }
    if (!parts.tag) {
        return {
            reason: 'Without a tag this means "latest", another image every few weeks.',
            fix: `Append a fixed tag or a digest, such as "${text}:v1.2.3".`,
        };
    }
    if (parts.tag !== ":latest") {
        return undefined;
    }
    return {
        reason: 'The tag "latest" is another image every few weeks.',
        fix: 'Write a fixed tag such as ":v1.2.3", or a digest.',
    };
};

export const mirror: Check<string> = (text) => {
    if (LOCAL.test(text)) {
        return {
            reason: "On a node that is the node itself, where no registry runs.",
            fix: "Write an address of this machine that others reach, or connect the registry's container with the stack's network and write its name (and name `images.node`, which this machine pulls).",
        };
    }
    if (text.length <= LONGEST_REFERENCE && MIRROR.test(text)) {
        return undefined;
    }
    const better = text
        .trim()
        .replace(/^(?!http:)[a-z]+:\/\//i, "")
        .replace(/\/+$/, "");
    return {
        reason: "This is not a registry host with an optional path.",
        fix: `Write it without tag and trailing slash, and without scheme unless that is http, such as "${
            MIRROR.test(better) ? better : "registry.example.com:5000/mirror"
        }".`,
    };
};

export const file: Check<string> = (path) =>
    path !== "" && !/[\x00-\x1f]/.test(path)
        ? undefined
        : { reason: "This is not a path.", fix: "Write the path of a file." };

/** Also keeps a path from being read as an option of the program that loads it. */
export const archive: Check<string> = (path) =>
    path !== "" && !path.startsWith("-") && !/[\x00-\x1f]/.test(path)
        ? undefined
        : {
              reason: "This is not a path of an image archive.",
              fix: 'Write the path of a file that "docker save" made, such as "./images/demo.tar".',
          };
