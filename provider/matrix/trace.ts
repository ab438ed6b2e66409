import { PROBES } from "./probes.ts";
import { prepare } from "./questions.ts";
import { ask } from "./round.ts";
import type { Result, World } from "./round.ts";

/** Of how many pairs the hops are looked for: as many red cells as anybody reads. */
const TRACED = 12;

/** The hops on the way, by `from to network`; an empty one is silent. */
export type Hops = Map<string, string[]>;

export function wayOf({ from, to, network }: { from: string; to: string; network: string }) {
    return `${from} ${to} ${network}`;
}

/** How far packets get between some of the pods that do not reach each other. */
export async function traces(world: World, results: Result[]): Promise<Hops> {
    const lost = results.filter(({ seen, question: { protocol } }) => {
        const { about } = PROBES[protocol];
        return seen.kind === "timeout" && (about === "pod" || about === "free address");
    });
    const ways = new Map(lost.map(({ question }) => [wayOf(question), question]));
    const lines = [...ways].slice(0, TRACED).flatMap(([way, question]) => {
        const prepared = prepare(question, world.scene);
        if ("obstacle" in prepared) {
            return [];
        }
        const line = { kind: "trace", address: prepared.address, count: 1, read: readHops };
        return [{ way, from: question.from, line }];
    });
    const answers = await ask(world, lines);
    return new Map(
        lines.flatMap(({ way }, index) => {
            const answer = answers[index]!;
            return answer.kind === "hops" ? [[way, answer.hops]] : [];
        }),
    );
}

function readHops([text = ""]: string[]): { kind: "hops"; hops: string[] } {
    return { kind: "hops", hops: text.split(",").map((hop) => (hop === "*" ? "" : hop)) };
}
