import { agentPlan, agentPlanProblems } from "../../../plan/agentPlan.ts";
import { readArchives } from "../../../stack/archives.ts";
import { typeOf } from "../../../plan/networks/types.ts";
import { bridgeProblems, bridgeWarning } from "../../../stack/machine.ts";
import type { RawConfig } from "../../../plan/config/parsedConfig.ts";
import {
    hostConflictProblems,
    hostConflicts,
    hostWarning,
} from "../../../plan/rules/hostConflicts.ts";
import type { HostRange } from "../../../plan/rules/hostRanges.ts";
import {
    kernelProblems,
    madeImagesProblems,
    pluginProblems,
} from "../../../plan/rules/hostRequirements.ts";
import type { Plan } from "../../../plan/plan.ts";
import { podmanProblems, podmanWarnings } from "../../../plan/rules/podmanHost.ts";
import { formatProblems, withoutValues, type Problem } from "../../../plan/problem.ts";
import { BARE, OLD } from "./podmanMachines.ts";
import { assertGolden, configOf, planOf, topologyOf } from "../../golden/golden.ts";
import { RESERVED, PROBLEMS, problemsOf } from "./problemCases.ts";

/** Several things are wrong at once: in values, between values, and between parts. */
const MANY: RawConfig = {
    clusters: {
        edge1: { nodes: 0, memory: "4", nods: 1 },
        other1: {},
        far: {},
        edge5: { podSubnet: "10.0.0.0/16" },
        edge6: { primary: "calico", calico: { values: { installation: { registry: "r" } } } },
    },
    networks: {
        "data-plane": { type: "ptp", mtu: 1 },
        n: { type: "x" },
        lan: { type: "macvlan" },
        b: { type: "bridge", cidr: "10.65.0.0/16", clusters: ["edge1", "egde2"] },
    },
    bridge: { subnet: "10.64.0.1/22" },
    demo: { deployments: 100 },
    runtime: "vm",
};

/** A network of a machine that leaves most ranges free. */
const LAN = { cidr: "10.17.9.0/24", what: "a route of this machine through eth1" };

/** Networks and routes of a machine that leave few ranges free. */
const VPN = [
    { cidr: "10.0.0.0/8", what: "a route of this machine through tun0" },
    { cidr: "172.17.0.1/16", what: 'the container network "bridge"' },
    { cidr: "172.16.0.0/12", what: "a route of this machine through tun1" },
];

/** What remains free then. */
const REST = ["192.168.0.0/16", "100.64.0.0/10", "198.18.0.0/15", "11.0.0.0/8"].map((cidr) => ({
    cidr,
    what: "a route of this machine through tun2",
}));

/** The network of a virtual machine. */
const NAT = { cidr: "10.0.2.0/24", what: "a route of this machine through eth0" };

const text = (cases: [what: string, problems: Problem[]][]) =>
    cases.map(([what, problems]) => `== ${what}\n\n${formatProblems(problems)}\n`).join("\n");

/** The plan with so many nodes in its first cluster that a ConfigMap cannot hold what their agents are told. */
function withManyNodes(plan: Plan): Plan {
    const [first, ...others] = plan.clusters;
    const nodes = Array.from({ length: 2000 }, (_, i) => ({
        ...first!.nodes[0]!,
        name: `node${i}`,
    }));
    const names = first!.networks.map(({ network }) => network);
    const joined = plan.networks.filter(({ name }) => names.includes(name));
    const agents = agentPlan(plan.bridge.subnet, joined, nodes);
    return { ...plan, clusters: [{ ...first!, nodes, agents }, ...others] };
}

describe("the recorded messages", () => {
    it("of single problems are those of today", () => {
        assertGolden(
            "messages/single.txt",
            text(PROBLEMS.map(([what, config]) => [what, problemsOf(config)])),
        );
    });

    it("of values that are not the user's to decide are those of today", () => {
        const cases = Object.entries(RESERVED).flatMap(([chart, { config, values }]) =>
            values.map(([written, key]): [string, Problem[]] => [
                `${key} of ${chart}`,
                problemsOf(config(written)),
            ]),
        );
        assertGolden("messages/values.txt", text(cases));
    });

    it("of many problems at once are those of today, with secrets and without", () => {
        const many = problemsOf(MANY);
        assertGolden(
            "messages/many.txt",
            text([
                ["many", many],
                ["with secret networks", withoutValues(many, new Set(["networks"]))],
            ]),
        );
    });

    it("of what a machine lacks or has already are those of today", async () => {
        const every = planOf("every");
        const wireguard = { encryption: { enabled: true, type: "wireguard" } };
        const needy = {
            ...every,
            clusters: every.clusters.map((cluster) => ({
                ...cluster,
                ...(cluster.primary === "calico" && {
                    settings: { ...cluster.settings, encapsulation: "IPIP" },
                }),
                ...(cluster.primary === "cilium" && { settings: { values: wireguard } }),
            })),
        };
        const topology = topologyOf("every");
        const conflicts = (used: HostRange[]) =>
            hostConflictProblems(hostConflicts(topology, used), configOf("every"));
        const nat = hostConflicts(topologyOf("dev"), [NAT]);
        const { name, subnet, gateway } = every.bridge;
        const network = { id: "1", name, driver: "bridge", subnets: [subnet], gateway, labels: {} };
        const other = { ...network, subnets: ["10.9.8.0/24"] };
        const { problems: unreadable } = await readArchives(["missing/archive.tar"]);
        const messages = text([
            ["ranges in use", conflicts(VPN)],
            ["one range in use", conflicts([LAN])],
            ["no range free", conflicts([...VPN, ...REST])],
            ["a network that is there by default", hostConflictProblems(nat, {})],
            ["features of the kernel", kernelProblems(needy, () => false)],
            ["CNI plugins", pluginProblems(every, false)],
            ["images made here", madeImagesProblems(needy)],
            [
                "the stack's network is someone else's",
                bridgeProblems({ own: [], foreign: [network] }, every),
            ],
            ["archives", unreadable],
            ["plans for agents", agentPlanProblems(withManyNodes(every))],
            ["rootless Podman", podmanProblems(BARE, 4)],
            ["an old Podman", podmanProblems(OLD, 4)],
        ]);
        const warning = bridgeWarning({ own: [other], foreign: [] }, every);
        const later = hostWarning(topology, [LAN, ...VPN])!;
        const warnings = [warning, later, ...podmanWarnings(BARE)].join("\n\n");
        assertGolden("messages/machine.txt", `${messages}\n== warnings\n\n${warnings}\n`);
    });

    it("of Cilium with another pool is that of today", () => {
        const network = planOf("every").networks.find((one) => one.type === "cilium")!;
        const ranges = { node1: { range: "10.245.0.0/24", router: "10.245.0.99" } };
        const message = typeOf(network).givenProblem!(network, ranges, "edge2.yaml");
        assertGolden("messages/ciliumPool.txt", `${message}\n`);
    });
});
