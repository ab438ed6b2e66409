import { readFileSync, statSync } from "node:fs";
import { basename } from "node:path";
import { isMap, parseDocument, type Document } from "yaml";
import { validateConfig } from "../../plan/config/validate.ts";
import { enumerate, formatPath, isParent, type Path } from "../../plan/problem.ts";
import { hostConflicts, settingsFor, type Setting } from "../../plan/rules/hostConflicts.ts";
import { containerNetworks, hostRanges } from "../../provider/runtime/hostRanges.ts";
import { podmanRanges } from "../../plan/rules/podmanHost.ts";
import { podmanFacts } from "../../provider/runtime/podmanFacts.ts";
import { writeWhole } from "../../system/smallFile.ts";
import { recordedState } from "./checkpoint.ts";
import { PROJECT_NAME, type Stack } from "./stack.ts";
import { stackConfig } from "./stackFile.ts";

/** What is used here of the stack that is brought up. */
type NewStack = Pick<Stack, "name" | "place" | "state">;

/**
 * Writes free ranges into the configuration file of a stack that has no resources yet, for those that it leaves to their
 * defaults while this machine uses parts of them; one line for each is said. What is stated is the user's affair.
 */
export async function recordFreeRanges(
    stack: NewStack,
    configFile: string,
    say: (line: string) => void,
): Promise<void> {
    const config = stackConfig(configFile);
    const owner = { project: PROJECT_NAME, stack: stack.name };
    const result = validateConfig(config, owner);
    if ("problems" in result || (await hasResources(stack))) {
        return;
    }
    const networks = await containerNetworks(result.topology.runtime, owner);
    if (networks.own.length > 0) {
        return; // its state is lost
    }
    const podman = result.topology.runtime === "podman" ? podmanRanges(await podmanFacts()) : [];
    const used = [...(await hostRanges(networks)), ...podman];
    const found = hostConflicts(result.topology, used).filter(
        ({ path, free }) => free !== undefined && valueAt(config, path) === undefined,
    );
    if (found.length === 0) {
        return;
    }
    const settings = found.flatMap((conflict) => settingsFor(conflict, config));
    const text = withSettings(readFileSync(configFile, "utf8"), settings, config);
    writeWhole(configFile, text, statSync(configFile).mode);
    for (const { path, what, users, free = "" } of found) {
        say(
            `${what} overlaps with what this machine uses: ${enumerate(users)}. ` +
                `Recorded ${formatPath(path)}: ${free} in ${basename(configFile)}`,
        );
    }
}

async function hasResources(stack: NewStack): Promise<boolean> {
    const state = stack.place ? recordedState(stack.place) : (await stack.state()).deployment;
    return (state?.resources ?? []).some(
        ({ type }) => type !== "pulumi:pulumi:Stack" && !type.startsWith("pulumi:providers:"),
    );
}

function valueAt(config: unknown, path: Path): unknown {
    return path.reduce<unknown>((part, key) => (isParent(part) ? part[key] : undefined), config);
}

/** The text of a configuration file with these settings; comments, order and indentation stay. */
export function withSettings(
    text: string,
    settings: readonly Setting[],
    config: Record<string, unknown>,
): string {
    const document = parseDocument(text);
    for (const [[section, ...rest], value] of settings) {
        const place = ["config", `${PROJECT_NAME}:${section}`];
        makeMap(document, place, config[section!]);
        for (const [i] of rest.slice(1).entries()) {
            makeMap(document, [...place, ...rest.slice(0, i + 1)], {});
        }
        document.setIn([...place, ...rest], value);
    }
    const indent = /^( +)\S/m.exec(text)?.[1]?.length ?? 4;
    return document.toString({ indent, lineWidth: 0 });
}

/** A section may be missing, empty, or the JSON text that `pulumi config set` writes without `--path`. */
function makeMap(document: Document.Parsed, path: Path, value: unknown): void {
    if (!isMap(document.getIn(path, true))) {
        document.setIn(path, document.createNode(value ?? {}));
    }
}
