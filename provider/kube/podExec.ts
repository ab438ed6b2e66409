import type { Agent } from "node:http";
import WebSocket from "ws";
import { patient } from "../../plan/patience.ts";

/** Kubernetes' protocol for streams of a pod: the first byte of each message names its channel. */
const PROTOCOL = "v5.channel.k8s.io";
const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
const STATUS = 3;
/** Followed by the channel that ends. */
const CLOSE = 255;

/** Milliseconds until the API has to agree to talk. */
const HANDSHAKE_TIME = patient(15_000);

/** What a program in a pod ended with, on the status channel. */
interface Status {
    status?: string;
    message?: string;
}

export interface ExecOptions {
    /** Carries the client certificate. */
    agent: Agent;
    signal: AbortSignal;
    input: string;
    /** Called with what the program prints, while it prints. */
    onOutput?: ((text: string) => void) | undefined;
}

/** Runs what an exec URL of the API names; throws if it cannot be run or fails, with the last it wrote to stderr. */
export async function inPod(
    url: string,
    { agent, signal, input, onOutput }: ExecOptions,
): Promise<string> {
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
        const socket = new WebSocket(url, PROTOCOL, {
            agent,
            handshakeTimeout: HANDSHAKE_TIME,
            perMessageDeflate: false,
        });
        const output: Record<number, Buffer[]> = { [STDOUT]: [], [STDERR]: [], [STATUS]: [] };
        const said = (channel: number) => Buffer.concat(output[channel]!).toString();
        const abort = () => socket.terminate();
        signal.addEventListener("abort", abort, { once: true });
        socket.on("open", () => {
            socket.send(Buffer.concat([Buffer.of(STDIN), Buffer.from(input)]));
            socket.send(Buffer.of(CLOSE, STDIN));
        });
        socket.on("message", (message: Buffer) => {
            output[message[0]!]?.push(message.subarray(1));
            if (message[0] === STDOUT) {
                onOutput?.(message.subarray(1).toString());
            }
        });
        socket.on("unexpected-response", (_request, response) => {
            reject(new Error(`the API answers ${response.statusCode} ${response.statusMessage}`));
            socket.terminate();
        });
        socket.on("error", reject);
        socket.on("close", () => {
            signal.removeEventListener("abort", abort);
            if (signal.aborted) {
                reject(signal.reason as Error);
                return;
            }
            const { status, message } = JSON.parse(said(STATUS) || "{}") as Status;
            if (status === "Success") {
                resolve(said(STDOUT));
            } else {
                reject(new Error(said(STDERR).trim() || (message ?? "the connection was cut")));
            }
        });
    });
}
