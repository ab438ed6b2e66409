import { existsSync, readFileSync } from "node:fs";
import { arch, platform, release } from "node:os";
import { gunzipSync } from "node:zlib";
import { exec } from "../provider/exec.ts";
import { ask } from "../provider/http.ts";
import { dialect } from "../provider/runtime/docker.ts";
import type { Networks } from "../provider/runtime/hostRanges.ts";
import type { RuntimeName } from "../provider/runtime/runtime.ts";
import { capabilities } from "../plan/host.ts";
import { LABELS } from "../plan/labels.ts";
import { BRIDGE_MTU } from "../plan/networks/keys.ts";
import { patient } from "../plan/patience.ts";
import type { Plan } from "../plan/plan.ts";
import { problem, type Problem } from "../plan/problem.ts";
import { hostConflictProblems, hostConflicts, hostWarning } from "../plan/rules/hostConflicts.ts";
import type { HostRange } from "../plan/rules/hostRanges.ts";
import { type HasOption, optionsOf } from "../plan/rules/hostRequirements.ts";
import type { Planned } from "./planned.ts";

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

/** Ranges of a stack that is not there yet and that this machine uses. One that is there keeps what it has. */
export function rangeProblems(
    { own }: Networks,
    { topology, config }: Pick<Planned, "topology" | "config">,
    used: readonly HostRange[],
): Problem[] {
    return own.length > 0 ? [] : hostConflictProblems(hostConflicts(topology, used), config);
}

/** What to say of a stack that is there while this machine uses its ranges, as with a VPN that was started later. */
export function rangeWarning(
    { own }: Networks,
    { topology }: Pick<Planned, "topology">,
    used: readonly HostRange[],
): string | undefined {
    return own.length > 0 ? hostWarning(topology, used) : undefined;
}

/** What the label of the stack's bridge says; now, if there is none and it must be made. */
export function bridgeMade({ own: [bridge] }: Networks): string | undefined {
    return bridge ? bridge.labels[LABELS.made] : new Date().toISOString();
}

/** The networks that engines have from the start. */
const DEFAULT_NETWORKS = ["bridge", "podman"];

/**
 * MTU in bytes that is to be stated for the stack's bridge: what it has, or, if it must be made, what the engine's default
 * network has, whose MTU is the user's choice for this machine; undefined for the usual one.
 */
export function bridgeMtu({ own: [bridge], foreign }: Networks): number | undefined {
    const model = bridge ?? foreign.find(({ name }) => DEFAULT_NETWORKS.includes(name));
    return model?.mtu === BRIDGE_MTU ? undefined : model?.mtu;
}

/** Milliseconds for the engine to say what it is. */
const ENGINE_TIMEOUT = patient(30_000);

/** What this machine's kernel has, as far as is known: everything, where it does not tell how it was built. */
export function kernelOptions(): HasOption {
    // Elsewhere the container runtime lives in a virtual machine with a kernel of its own.
    const { ownKernel } = capabilities({ platform: platform(), arch: arch(), release: "" });
    const config = ownKernel
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
    const said = await dockerVersion().catch((error: Error) => error.message);
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

/** Asks a socket itself: a machine with Podman may lack docker's client. */
async function dockerVersion(): Promise<string> {
    const socketPath = dialect.socket?.();
    if (socketPath === undefined) {
        const version = ["version", "--format", "{{json .Server.Components}}"];
        return exec("docker", version, { timeout: ENGINE_TIMEOUT });
    }
    const question = { socketPath, idleTimeout: ENGINE_TIMEOUT };
    return (await ask("http://engine/version", question)).text;
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
