import { existsSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { resolve } from "node:path";
import { readKubeconfig } from "../provider/kube/kubeconfig.ts";
import { claimCheckout } from "./checkout.ts";
import { programAtHand } from "./programAtHand.ts";
import { PROJECT, STATE_DIR } from "./project.ts";
import { stateFolder } from "./setup/environment.ts";
import { recordedState } from "./state/checkpoint.ts";
import { placeIn, type Choice, type State } from "./state/stack.ts";

/** What it takes to talk to a cluster. */
export interface ClusterAtHand {
    /** Program, by path or by name. */
    kubectl: string;
    kubeconfig: string;
    env: NodeJS.ProcessEnv;
}

/** Milliseconds for the API's port, which is on this machine, to accept a connection. */
const CONNECT_TIMEOUT = 1_000;

/**
 * How to talk to a cluster whose API listens, without any set-up, which would take many times as long. Undefined if
 * anything is missing or unknown: a set-up brings it, or says what is wrong.
 */
export async function clusterAtHand(
    { name }: Choice,
    cluster: string,
    stateDir = STATE_DIR,
): Promise<ClusterAtHand | undefined> {
    claimCheckout(stateDir);
    const folder = stateFolder(stateDir);
    const state = folder === undefined ? undefined : recordedState(placeIn(folder, name));
    const kubeconfig = kubeconfigIn(state, cluster);
    const kubectl = programAtHand("kubectl");
    if (!kubeconfig || !kubectl || !(await listens(kubeconfig))) {
        return undefined;
    }
    return { kubectl, kubeconfig, env: process.env };
}

/** The path of a cluster's kubeconfig file, as the last update of the stack has put it out. */
function kubeconfigIn(state: State["deployment"] | undefined, cluster: string): string | undefined {
    const stack = state?.resources?.find(({ type }) => type === "pulumi:pulumi:Stack");
    const clusters = stack?.outputs?.["clusters"] as
        Record<string, { kubeconfig?: unknown }> | undefined;
    const path = clusters?.[cluster]?.kubeconfig;
    return typeof path === "string" ? resolve(PROJECT, path) : undefined;
}

/** Whether the API that a kubeconfig file leads to accepts connections. */
async function listens(kubeconfig: string): Promise<boolean> {
    if (!existsSync(kubeconfig)) {
        return false;
    }
    let endpoint: URL;
    try {
        endpoint = new URL(readKubeconfig(readFileSync(kubeconfig, "utf8")).endpoint);
    } catch {
        return false; // damaged; the next update writes it again
    }
    return new Promise((answer) => {
        const socket = connect(Number(endpoint.port), endpoint.hostname);
        socket.setTimeout(CONNECT_TIMEOUT);
        const end = (open: boolean) => () => {
            socket.destroy();
            answer(open);
        };
        socket.on("connect", end(true)).on("timeout", end(false)).on("error", end(false));
    });
}
