import { existsSync, readFileSync } from "node:fs";
import { platform, release } from "node:os";
import { gunzipSync } from "node:zlib";
import { exec } from "../provider/exec.ts";
import { ask } from "../provider/http.ts";
import type { RuntimeName } from "../provider/runtime/runtime.ts";
import { runtime } from "../provider/runtime/runtimes.ts";
import { LABELS } from "../plan/labels.ts";
import { patient } from "../plan/patience.ts";
import type { Plan } from "../plan/plan.ts";
import { problem, type Problem } from "../plan/problem.ts";
import { type HasOption, optionsOf } from "../plan/rules/hostRequirements.ts";
import type { Owner } from "../plan/names.ts";
import type { HostRange } from "../plan/rules/hostConflicts.ts";

/** The container networks of this machine, and which of them are of this stack. */
export async function containerNetworks(name: RuntimeName, { project, stack }: Owner) {
    const networks = await runtime(name).networks();
    const isOwn = ({ labels }: (typeof networks)[number]) =>
        labels[LABELS.project] === project && labels[LABELS.stack] === stack;
    return {
        own: networks.filter(isOwn),
        foreign: networks.filter((network) => !isOwn(network)),
    };
}

type Networks = Awaited<ReturnType<typeof containerNetworks>>;

/** What is in use on this machine already, without the networks of this stack: foreign networks and routes. */
export function hostRanges({ own, foreign }: Networks): HostRange[] {
    const others = foreign.flatMap(({ name, subnets }) =>
        subnets.map((cidr) => ({ cidr, what: `the container network "${name}"` })),
    );
    const known = new Set([
        ...own.flatMap(({ subnets }) => subnets),
        ...others.map(({ cidr }) => cidr),
    ]);
    return [...others, ...routes().filter(({ cidr }) => !known.has(cidr))];
}

/**
 * Id of the stack's network if it is what the plan says, so that a state which does not know it adopts it. Another one is
 * not adopted: where it is in the state, it is replaced.
 */
export function bridgeToAdopt({ own }: Networks, { name, subnet, gateway }: Plan["bridge"]) {
    const found = own.find((network) => network.name === name);
    const fits =
        found?.driver === "bridge" && found.subnets.join() === subnet && found.gateway === gateway;
    return fits ? found.id : undefined;
}

/** What to say of a network of the stack that has another subnet than planned; where no state knows it, that blocks. */
export function bridgeWarning({ own }: Networks, { bridge }: Plan): string | undefined {
    const found = own.find(({ name }) => name === bridge.name);
    const [former = "no subnet"] = found?.subnets ?? [];
    return found === undefined || former === bridge.subnet
        ? undefined
        : `The container network ${bridge.name} has ${former}, not ${bridge.subnet}: it is replaced, and every cluster on it. ` +
              `To keep them (or to adopt them, if the state was lost): pulumi config set --path bridge.subnet ${former}`;
}

/** What stands in the way of the stack's network: one of the same name that is not the stack's. */
export function bridgeProblems({ foreign }: Networks, { bridge, stack }: Plan): Problem[] {
    return foreign
        .filter(({ name }) => name === bridge.name)
        .map(({ name }) =>
            problem(["bridge"], name, {
                reason: `There is a container network of that name without the labels of stack "${stack}", so it belongs to someone else; it is left alone.`,
                fix: `Take another stack name, or, if nobody needs it: docker network rm ${name}`,
            }),
        );
}

/** What the label of the stack's bridge says; now, if there is none and it must be made. */
export function bridgeMade({ own: [bridge] }: Networks): string | undefined {
    return bridge ? bridge.labels[LABELS.made] : new Date().toISOString();
}

/** IPv4 routes of this machine, as the kernel lists them: addresses and masks are little-endian hexadecimal. */
function routes(): HostRange[] {
    let table: string;
    try {
        table = readFileSync("/proc/net/route", "utf8");
    } catch {
        return []; // not Linux: the container runtime lives in a virtual machine with routes of its own
    }
    return table
        .trim()
        .split("\n")
        .slice(1)
        .map((line) => line.split("\t"))
        .map(([device = "", destination = "", , , , , , mask = ""]) => ({
            cidr: `${dotted(destination)}/${prefixLength(mask)}`,
            what: `a route of this machine through ${device}`,
        }));
}

function dotted(littleEndianHex: string): string {
    return (littleEndianHex.match(/../g) ?? [])
        .reverse()
        .map((byte) => Number.parseInt(byte, 16))
        .join(".");
}

function prefixLength(maskHex: string): number {
    return [...Number.parseInt(maskHex, 16).toString(2)].filter((bit) => bit === "1").length;
}

/** What this machine's kernel has, as far as is known: everything, where it does not tell how it was built. */
export function kernelOptions(): HasOption {
    // Elsewhere the container runtime lives in a virtual machine with a kernel of its own.
    const config =
        platform() === "linux"
            ? (content("/proc/config.gz", (file) => gunzipSync(file)) ??
              content(`/boot/config-${release()}`, (file) => file))
            : undefined;
    return config === undefined ? () => true : optionsOf(config);
}

/**
 * Networks and images are made through Docker's API; with podman as the runtime that must be podman's. Podman names
 * itself among the components of its version.
 */
export async function runtimeProblems(name: RuntimeName): Promise<Problem[]> {
    if (name !== "podman") {
        return [];
    }
    const options = { timeout: 30_000 };
    const version = ["version", "--format", "{{json .Server.Components}}"];
    const said = await exec("docker", version, options).catch(saidBySocket);
    if (said.includes("Podman Engine")) {
        return [];
    }
    return [
        problem(["runtime"], name, {
            reason: "Its networks and images are made through Docker's API, and that leads to another engine here, or to none.",
            fix: "Have podman answer there (`systemctl --user start podman.socket`, then `export DOCKER_HOST=unix://$XDG_RUNTIME_DIR/podman/podman.sock`), or write runtime: docker.",
        }),
    ];
}

/** What the engine tells of itself where there is no docker client to ask it; empty if it is silent. */
async function saidBySocket(): Promise<string> {
    const host = process.env["DOCKER_HOST"] || "unix:///var/run/docker.sock";
    const [, socketPath] = /^unix:\/\/(.+)$/.exec(host) ?? [];
    const question = { idleTimeout: patient(30_000), ...(socketPath && { socketPath }) };
    const url = socketPath ? "http://engine" : host.replace(/^tcp:/, "http:");
    return ask(`${url}/version`, question).then(
        ({ text }) => text,
        () => "",
    );
}

/** A path of this machine; undefined if nothing is there. */
export function ifThere(path: string): string | undefined {
    return existsSync(path) ? path : undefined;
}

function content(path: string, unpack: (file: Buffer) => Buffer): string | undefined {
    try {
        return unpack(readFileSync(path)).toString("latin1");
    } catch {
        return undefined;
    }
}
