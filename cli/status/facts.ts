import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { runtime } from "../../provider/runtime/runtimes.ts";
import { CLUSTER_LABEL } from "../../provider/kind/world.ts";
import { Cache, cacheRoot } from "../../system/cache.ts";
import { DEFAULT_SOCKET } from "../../system/dockerApi.ts";
import { currentContext } from "../contexts.ts";
import { programAtHand } from "../programAtHand.ts";
import { STATE_DIR } from "../project.ts";
import { Engine } from "../setup/engine.ts";
import { projectEnvironment, stateFolder } from "../setup/environment.ts";
import { recordedState } from "../state/checkpoint.ts";
import { lastUpdate } from "../state/history.ts";
import { locksOn } from "../state/locks.ts";
import { chooseStack, placeIn, Stack, type Choice, type State } from "../state/stack.ts";
import { runtimeOf } from "../state/stackFile.ts";
import { stacksWithResources } from "../state/stateFiles.ts";
import type { Facts } from "./report.ts";
import { lastVerified } from "./verified.ts";

/** Milliseconds for the engine to answer. */
const TIMEOUT = 5_000;

/** Looks at a stack. Starts no engine, waits for none, and changes nothing. */
export async function factsOf(choice: Choice): Promise<Facts> {
    const { name, reference, configFile } = choice;
    const folder = stateFolder(STATE_DIR);
    const recorded = folder === undefined ? await exported(choice) : readIn(folder, name);
    return {
        stack: name,
        isDefault: reference === chooseStack({}).reference,
        isDescribed: existsSync(configFile),
        ...recorded,
        ...(await containersOf(recorded.state, choice)),
        verified: lastVerified(name),
        context: currentContext(name),
    };
}

type Recorded = Pick<Facts, "state" | "update" | "running" | "hasStaleLock" | "others">;

/** From the files of a file backend. */
function readIn(folder: string, stack: string): Recorded {
    const place = placeIn(folder, stack);
    const { running, stale } = locksOn(place);
    const full = stacksWithResources(folder).map(({ name }) => name);
    return {
        state: recordedState(place),
        update: lastUpdate(place),
        running: running.map(({ holder }) => holder),
        hasStaleLock: stale.length > 0,
        others: full.filter((name) => name !== stack),
    };
}

/** From a backend that only `pulumi` can ask. */
async function exported(choice: Choice): Promise<Recorded> {
    const pulumi = programAtHand("pulumi");
    const environment = projectEnvironment({
        stateDir: STATE_DIR,
        programs: pulumi === undefined ? [] : [dirname(pulumi)],
        cache: cacheRoot(),
        engine: process.env["DOCKER_HOST"] ?? DEFAULT_SOCKET,
        images: undefined,
    });
    const state = await new Stack(choice, environment).stateIfAny();
    const nothing = { update: undefined, running: [], hasStaleLock: false, others: [] };
    return { state: state?.deployment, ...nothing };
}

/** The address of an engine of ours that runs, unless the user has chosen one. */
function ownEngine(): string | undefined {
    const engine = new Engine(new Cache());
    return process.env["DOCKER_HOST"] || engine.running() === undefined
        ? undefined
        : engine.ownHost;
}

type Containers = Pick<Facts, "containers" | "silence">;

/** The nodes of kind clusters on the engine that the stack lives in, else on the one that is used now. */
async function containersOf(
    state: State["deployment"] | undefined,
    { configFile }: Choice,
): Promise<Containers> {
    const provider = state?.resources?.find(({ type }) => type === "pulumi:providers:docker");
    const recorded = provider?.inputs?.["host"];
    const host = typeof recorded === "string" && recorded !== "" ? recorded : ownEngine();
    if (host !== undefined) {
        process.env["DOCKER_HOST"] = host; // for the program that is asked
    }
    const name = runtimeOf(configFile);
    try {
        const limits = { timeout: TIMEOUT };
        const containers = await runtime(name).containers({ label: CLUSTER_LABEL }, limits);
        return { containers, silence: undefined };
    } catch (error) {
        const [line = ""] = (error as Error).message.split("\n").slice(-1);
        return { containers: undefined, silence: line };
    }
}
