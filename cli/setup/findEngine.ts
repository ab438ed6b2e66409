import { existsSync, readFileSync } from "node:fs";
import { homedir, hostname, networkInterfaces, release, userInfo } from "node:os";
import type { RuntimeName } from "../../provider/runtime/runtime.ts";
import {
    type Answer,
    ask as askEngine,
    engineInfo,
    type EngineInfo,
} from "../../system/dockerApi.ts";
import { CAPABILITIES, HOST } from "../../system/thisHost.ts";
import type { Engine } from "./engine.ts";
import { type EngineFacts, type EnginePlace, enginePlaces } from "./engineAddress.ts";
import {
    addressProblem,
    engineProblems,
    isInVirtualMachine,
    type Kernel,
    permissionProblem,
} from "./engineProblems.ts";

/** Milliseconds for an engine to answer that is there. */
const TIMEOUT = 60_000;

/** A container engine that answers. */
export interface FoundEngine extends EnginePlace {
    /** What it says of itself; undefined if only the docker client can ask it. */
    info: EngineInfo | undefined;
}

type OwnEngine = Pick<Engine, "ownHost" | "running" | "untilItAnswers">;

/** How engines are asked, by their addresses. */
interface Questions {
    ask(address: string): Promise<Answer>;
    info(address: string): Promise<EngineInfo | undefined>;
}

/** What this machine says about its container engines. */
export function engineFacts(): EngineFacts {
    const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
    return {
        platform: HOST.platform,
        env: process.env,
        home: homedir(),
        uid: process.getuid?.() ?? 0,
        user: userName(),
        read,
        exists: existsSync,
        names: [hostname(), ...addresses.map(({ address }) => address)],
    };
}

function thisKernel(): Kernel {
    return { release: release(), hostname: hostname() };
}

/** Whether containers run on the kernel of this machine; one that does not tell is taken for that, where it can be. */
export function isOnThisKernel(engine: FoundEngine | undefined): boolean {
    const elsewhere = engine?.info && isInVirtualMachine(engine.info, thisKernel());
    return CAPABILITIES.ownKernel && !elsewhere;
}

/** Why an engine that answers cannot be used, if nodes mount these folders. */
export function whyUnusable(engine: FoundEngine | undefined, folders: string[]): string[] {
    return engine?.info
        ? engineProblems(engine.info, engine, thisKernel(), folders, homedir())
        : [];
}

/**
 * The engine that a stack of this runtime uses: the one that the user has chosen, else our own if it runs, else the first
 * that answers. Undefined if none does, which only Docker's stacks can do without: for them one is started. Throws if an
 * engine is there but cannot be used.
 */
export async function findEngine(
    own: OwnEngine,
    runtime: RuntimeName,
    facts: EngineFacts = engineFacts(),
    questions: Questions = { ask: (host) => askEngine(host, TIMEOUT), info: engineInfo },
): Promise<FoundEngine | undefined> {
    const places = enginePlaces(withoutOwn(facts, own), runtime);
    const isChosen = places.some(({ chosen }) => chosen);
    if (runtime === "docker" && !isChosen && own.running() !== undefined) {
        const address = await own.untilItAnswers();
        const place = { address, source: "the engine of multinet", chosen: false };
        return { ...place, info: await questions.info(address) };
    }
    const denied: EnginePlace[] = [];
    for (const place of places) {
        const problem = addressProblem(place, facts);
        if (problem !== undefined) {
            throw new Error(problem);
        }
        const answer = await questions.ask(place.address);
        if (answer === "answers") {
            return { ...place, info: await questions.info(place.address) };
        }
        if (answer === "silent") {
            throw new Error(
                `The container engine does not answer (${place.source}), for ${TIMEOUT / 1000} s now. Restart it, or set ` +
                    "DOCKER_HOST to another one.",
            );
        }
        if (answer === "denied") {
            denied.push(place);
        }
    }
    if (denied[0] !== undefined) {
        throw new Error(permissionProblem(denied[0], facts));
    }
    if (isChosen) {
        throw new Error(
            `No container engine answers at ${places[0]!.source}. Start it, or choose another one (DOCKER_HOST, or ` +
                "docker context use NAME).",
        );
    }
    if (runtime === "podman") {
        throw new Error(noPodman(facts));
    }
    return undefined;
}

/** The address of our own engine is no choice of the user's. */
function withoutOwn(facts: EngineFacts, { ownHost }: OwnEngine): EngineFacts {
    const { DOCKER_HOST, ...env } = facts.env;
    return DOCKER_HOST === ownHost ? { ...facts, env } : facts;
}

function noPodman({ platform, uid }: EngineFacts): string {
    const start =
        platform === "darwin"
            ? "podman machine start"
            : `systemctl ${uid === 0 ? "" : "--user "}enable --now podman.socket`;
    return (
        "The stack says runtime: podman, but Podman's socket does not answer. Install Podman, and start it: " +
        `${start}. Or write runtime: docker.`
    );
}

/** A container may run as a user that has no name. */
function userName(): string {
    try {
        return userInfo().username;
    } catch {
        return process.env["USER"] || "USER";
    }
}

function read(file: string): string | undefined {
    try {
        return readFileSync(file, "utf8");
    } catch {
        return undefined;
    }
}
