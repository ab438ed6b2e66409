import { Builder } from "../../source-builds/builder.ts";
import { Cache } from "../../system/cache.ts";
import { DEFAULT_SOCKET } from "../../system/dockerApi.ts";
import { Progress } from "../../system/progress.ts";
import { STATE_DIR } from "../project.ts";
import { projectEnvironment } from "../setup/environment.ts";
import { TOOLS } from "../setup/onPath.ts";
import { checkpointFile, readCheckpoint } from "./checkpoint.ts";
import { Stack, type Choice, type State } from "./stack.ts";

/** A stack to look at: with the programs that are there, while nothing is installed, started or changed. */
export function stackAsFound(
    choice: Choice,
    signal: AbortSignal,
    engine = process.env["DOCKER_HOST"] ?? DEFAULT_SOCKET,
): Stack {
    const cache = new Cache();
    const builder = new Builder(cache, new Progress(), signal);
    const programs = TOOLS.map(({ artifact }) => artifact).filter((name) => builder.has(name));
    const environment = projectEnvironment({
        stateDir: STATE_DIR,
        programs: programs.map((name) => builder.dir(name)),
        cache: cache.root,
        engine,
        images: undefined,
    });
    return new Stack(choice, environment);
}

/** The last state of a stack; undefined if Pulumi does not know it. Of a file backend, without starting Pulumi. */
export async function deploymentAsFound(stack: Stack): Promise<State["deployment"] | undefined> {
    const { place } = stack;
    if (!place) {
        return (await stack.stateIfAny())?.deployment;
    }
    const file = checkpointFile(place);
    const checkpoint = file === undefined ? undefined : readCheckpoint(file);
    if (file !== undefined && !checkpoint) {
        throw new Error(
            `The state of the stack "${stack.name}" is damaged. Its newest whole copy is put back by: npm run recover`,
        );
    }
    return checkpoint?.checkpoint.latest ?? undefined;
}
