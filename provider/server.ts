import { once } from "node:events";
import { connect } from "node:net";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import providerRpc from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import { EngineLink } from "./rpc/engineLink.ts";
import type { ProviderDefinition } from "./resource.ts";
import { service } from "./rpc/service.ts";
import { Work } from "./rpc/work.ts";

/** Bytes of the largest message, as in the engine. */
const MAX_MESSAGE = 400 * 1024 * 1024;

/** Milliseconds between two looks at whether the engine still lives. */
const PARENT_POLL = 1000;

/** Milliseconds for running work to stop after a signal; the engine kills its plugins after five seconds. */
const SIGNAL_GRACE = 4000;

/** A running provider. */
export interface RunningProvider {
    port: number;
    work: Work;
    stop(): void;
}

/** Listens on a free local port; `engineAddress` (host:port) is where log lines go. */
export async function listen(
    definition: ProviderDefinition,
    engineAddress?: string,
): Promise<RunningProvider> {
    const work = new Work();
    const engine = new EngineLink();
    engine.connect(engineAddress);
    const server = new Server({ "grpc.max_receive_message_length": MAX_MESSAGE });
    server.addService(providerRpc.ResourceProviderService, service(definition, work, engine));
    const port = await new Promise<number>((resolve, reject) => {
        server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) => {
            if (error) {
                reject(error);
            } else {
                resolve(bound);
            }
        });
    });
    return {
        port,
        work,
        stop() {
            server.forceShutdown();
            engine.connect(undefined);
        },
    };
}

/**
 * Runs as the engine's plugin: prints the port, serves, and goes when the engine goes. An engine that was killed leaves
 * its plugins running, so the parent is watched; work that had begun is finished first, for the next run to adopt.
 */
export async function serve(definition: ProviderDefinition): Promise<void> {
    const parent = process.ppid;
    const engine = process.argv.at(-1) ?? "";
    const { port, work } = await listen(definition, engine);
    process.stdout.on("error", () => undefined);
    process.stderr.on("error", () => undefined);
    process.stdout.write(`${port}\n`);

    setInterval(() => {
        if (process.ppid !== parent) {
            void work.idle().then(() => process.exit(0));
        }
    }, PARENT_POLL);
    // Gone before there was a parent to watch. Whoever starts a plugin by hand, to attach to it, names no engine.
    if (/:\d+$/.test(engine) && !(await answers(engine))) {
        process.exit(0);
    }
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
        process.once(signal, () => {
            work.cancel();
            setTimeout(() => process.exit(1), SIGNAL_GRACE);
            void work
                .idle()
                .then(() => definition.close?.())
                .finally(() => process.exit(0));
        });
    }
}

/** Whether something listens at an address, host:port. */
async function answers(address: string): Promise<boolean> {
    const { hostname, port } = new URL(`tcp://${address}`);
    const socket = connect(Number(port), hostname);
    try {
        await once(socket, "connect");
        return true;
    } catch {
        return false;
    } finally {
        socket.destroy();
    }
}
