import { CommandFailed } from "../../system/process.ts";
import type { Call } from "../resource.ts";
import type { Container, Runtime } from "../runtime/runtime.ts";
import type { KindInputs } from "./spec.ts";

/** How an engine says that it cannot publish a port, with the address in front. */
const TAKEN = /(\d+\.\d+\.\d+\.\d+|\[[0-9a-f:]*\]):(\d+)\b.*already (?:in use|allocated)/is;

/** How it says that a network that the container was on is there no more; one of the same name is another. */
const LOST = /network \S+ not found|no such network|: network not found/i;

/** Has containers run, on the cluster's network. */
export async function start(
    runtime: Runtime,
    { network }: Pick<KindInputs, "network">,
    containers: Container[],
    call: Call,
): Promise<void> {
    for (const container of containers) {
        const attached = network in container.networks;
        if (!attached) {
            call.log("status", `connecting ${container.name} with ${network}`);
            await runtime.connect(container, network, call);
        }
        if (container.state !== "running") {
            call.log("status", `starting ${container.name}`);
            await startOne(runtime, network, container, call);
        } else if (!attached) {
            // A node puts its new address into its own configuration when it starts.
            await runtime.restart(container, call);
        }
    }
}

async function startOne(
    runtime: Runtime,
    network: string,
    container: Container,
    call: Call,
): Promise<void> {
    try {
        await runtime.start(container, call);
    } catch (error) {
        if (!(error instanceof CommandFailed)) {
            throw error;
        }
        if (LOST.test(error.stderr)) {
            await runtime.connect(container, network, call);
            await runtime.start(container, call);
            return;
        }
        throw taken(runtime, container, error) ?? error;
    }
}

/** The engine gives a container its published port at creation, for good. */
function taken(
    { name: program }: Runtime,
    { name: node }: Container,
    { stderr, message }: CommandFailed,
): Error | undefined {
    const [, , port] = TAKEN.exec(stderr) ?? [];
    return port === undefined
        ? undefined
        : new Error(
              `container ${node} cannot start: its port ${port} of this machine, where the Kubernetes API is published, ` +
                  `is used by another program now (\`ss -ltnp 'sport = :${port}'\` names it). Stop that one and try ` +
                  "again, or have the cluster recreated with another port, with all that is in it lost: " +
                  `${program} rm -f -v ${node}, then \`pulumi up\`.\n${message}`,
          );
}
