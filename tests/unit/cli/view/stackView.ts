import type { Plan } from "../../../../plan/plan.ts";
import { planTopology } from "../../../../plan/planTopology.ts";
import { formatProblems } from "../../../../plan/problem.ts";
import { validateConfig } from "../../../../plan/config/validate.ts";
import type { Cell } from "../../../../provider/matrix/cells.ts";
import { questions } from "../../../../provider/matrix/questions.ts";
import type { Facts } from "../../../../cli/view/model.ts";

/** A plan of so many clusters, of one to three nodes each, on three networks and one of Cilium's. */
export function planOfClusters(count: number): Plan {
    const names = Array.from({ length: count }, (_, i) => `edge${i + 1}`);
    return planned(`of-${count}`, {
        clusters: Object.fromEntries(
            names.map((name, i) => [name, { nodes: count === 1 ? 3 : 1 + ((i + 1) % 3) }]),
        ),
        networks: {
            "data-plane": { type: "ptp", cidr: "10.0.0.0/12" },
            lan: { type: "macvlan", cidr: "10.16.0.0/16" },
            local: { type: "bridge", cidr: "10.32.0.0/12" },
            cilium: { type: "cilium", cidr: "10.48.0.0/16", clusters: [names[0]!] },
        },
    });
}

function planned(stack: string, config: Record<string, unknown>): Plan {
    const owner = { project: "multinet", stack };
    const result = validateConfig(config, owner);
    if ("problems" in result) {
        throw new Error(formatProblems(result.problems));
    }
    return planTopology(result.topology, owner);
}

export function cellsOf(plan: Plan, change: (cell: Cell, i: number) => Partial<Cell> = () => ({})) {
    return questions({ ...plan.reachability, clusters: [], namespace: "" }).map(
        ({ from, to, network, protocol }, i): Cell => {
            const cell = {
                from,
                to,
                network,
                protocol,
                ok: true,
                expected: "reply",
                seen: "ttl=62",
            };
            return { ...cell, ...change(cell, i) };
        },
    );
}

export const AT = new Date("2026-11-26T05:00:00Z");

/** What is known of a stack that is not up. */
export function notUp(plan: Plan): Facts {
    return { plan, healings: [], notes: [], at: AT };
}

/** What is known of a stack that was measured just now. */
export function measured(plan: Plan, cells: Cell[] = cellsOf(plan)): Facts {
    const nodes = plan.clusters.flatMap(({ nodes }) => nodes.map(({ name }) => name));
    const nodeAddresses = Object.fromEntries(nodes.map((name, i) => [name, `10.201.0.${i + 2}`]));
    const pods = plan.clusters.flatMap(({ name, demos }, c) =>
        demos.map((demo, d) => {
            const addresses = demo.attachments.map<[string, string]>(({ network }, n) => [
                network,
                `10.${n}.${c}.${d}`,
            ]);
            const found = Object.fromEntries<string>(addresses);
            return [`${name}/${demo.name}`, { addresses: found }] as const;
        }),
    );
    const faults = cells.filter(({ ok }) => !ok).map(({ from, to }) => `${from} -> ${to}: lost`);
    return {
        ...notUp(plan),
        recorded: { matrix: plan.reachability, nodeAddresses: {}, red: [] },
        live: { cells, faults, pods: new Map(pods), nodeAddresses },
    };
}
