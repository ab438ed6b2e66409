import { setTimeout } from "node:timers/promises";
import type { Call } from "../../../provider/resource.ts";
import { saysAbsent, words } from "./cli.ts";
import type { DockerCli } from "./cli.ts";
import { patient } from "../../../plan/patience.ts";

/** Milliseconds that a removal waits for containers to leave, as in the original. */
const TIMEOUT = patient(30_000);
const PAUSE = 500;

/** How Docker and Podman say that containers are on a network. */
const BUSY = /has active endpoints|network is being used/;

/** Removes a network as soon as no container is on it any more. Whoever waits, or waits in vain, is told for which. */
export async function removeNetwork(
    docker: Pick<DockerCli, "run" | "network">,
    { id, name }: { id: string; name: string },
    call: Pick<Call, "log" | "signal">,
    timeout = TIMEOUT,
): Promise<void> {
    let told: string | undefined;
    for (const end = performance.now() + timeout; ;) {
        try {
            await docker.run(["network", "rm", "--", id]);
            return;
        } catch (error) {
            if (saysAbsent(error)) {
                return;
            }
            if (!BUSY.test(words(error))) {
                throw new Error(`cannot delete docker network ${name}: ${words(error)}`);
            }
        }
        const attached = await containersOn(docker, id);
        if (performance.now() > end) {
            throw new Error(
                `cannot delete docker network ${name}: containers are still on it: ${attached}. Remove each, or take ` +
                    `it away: docker network disconnect ${name} CONTAINER. If they are nodes that no state knows, as ` +
                    "of an update that was killed: npm run remove",
            );
        }
        if (told !== attached) {
            call.log("info", `waiting for containers to leave ${name}: ${attached}`);
            told = attached;
        }
        await setTimeout(PAUSE, undefined, { signal: call.signal });
    }
}

/** Names of the containers on a network, as far as the engine tells. */
async function containersOn(docker: Pick<DockerCli, "network">, id: string): Promise<string> {
    const found = await docker.network(id).catch(() => undefined);
    const names = Object.values(found?.Containers ?? {}).map(({ Name }) => Name);
    return names.sort().join(", ") || "unknown";
}
