import { prepare } from "./cells.ts";
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
    const lost = results.filter(
        ({ finding, question }) =>
            finding.kind === "timeout" && !question.multicast && question.protocol !== "unique",
    );
    const ways = new Map(lost.map(({ question }) => [wayOf(question), question]));
    const probes = [...ways].slice(0, TRACED).flatMap(([way, question]) => {
        const prepared = prepare(question, world.scene);
        if ("obstacle" in prepared) {
            return [];
        }
        const probe = { protocol: "trace" as const, address: prepared.address, count: 1 };
        return [{ way, from: question.from, probe }];
    });
    const answers = await ask(world, probes);
    return new Map(
        probes.flatMap(({ way }, index) => {
            const answer = answers[index]!;
            if (answer.kind !== "ok") {
                return [];
            }
            return [[way, answer.detail.split(",").map((hop) => (hop === "*" ? "" : hop))]];
        }),
    );
}
