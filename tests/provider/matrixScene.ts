import assert from "node:assert/strict";
import { readAnswer } from "../../provider/matrix/answers.ts";
import type { Failure } from "../../provider/matrix/answers.ts";
import { judge } from "../../provider/matrix/cells.ts";
import type { MatrixInputs } from "../../provider/matrix/inputs.ts";
import { PROBES } from "../../provider/matrix/probes.ts";
import { prepare, questions } from "../../provider/matrix/questions.ts";
import type { Question } from "../../provider/matrix/questions.ts";
import type { Result } from "../../provider/matrix/round.ts";
import type { Scene } from "../../provider/matrix/scene.ts";

/** Two pods on two nodes in two clusters that share a network. */
export const NETWORK = "data-plane";
export const ADDRESS = { A: "10.1.1.2", B: "10.2.1.2" };
export const NODE = { A: "lab-edge1-control-plane", B: "lab-edge2-control-plane" };
export const NODE_ADDRESS = { A: "10.200.0.2", B: "10.200.0.3" };
export const FREE = "10.2.1.254";
export const POD = { A: "demo1-x", B: "demo1-y" };

const A = { cluster: "edge1", demo: "demo1" };
const B = { cluster: "edge2", demo: "demo1" };

export const NETWORKS: MatrixInputs["networks"] = [
    {
        name: NETWORK,
        protocols: ["icmp", "tcp", "udp"],
        slices: { [NODE.A]: "10.1.1.0/24", [NODE.B]: "10.2.1.0/24" },
        mtu: 1500,
    },
];

export const scene = (): Scene => ({
    pods: new Map([
        [
            "edge1/demo1",
            { name: POD.A, cluster: "edge1", node: NODE.A, addresses: { [NETWORK]: ADDRESS.A } },
        ],
        [
            "edge2/demo1",
            { name: POD.B, cluster: "edge2", node: NODE.B, addresses: { [NETWORK]: ADDRESS.B } },
        ],
    ]),
    nodeAddresses: { [NODE.A]: NODE_ADDRESS.A, [NODE.B]: NODE_ADDRESS.B },
    networks: new Map(NETWORKS.map((network) => [network.name, network])),
});

export const plan = {
    pairs: [
        { from: A, to: B, network: NETWORK },
        { from: B, to: A, network: NETWORK },
    ],
    free: [{ from: A, cluster: "edge2", node: NODE.B, network: NETWORK, address: FREE }],
};

export const all = questions({
    ...plan,
    networks: NETWORKS,
    multicast: [],
    clusters: [],
    namespace: "default",
});
const [first, second, third] = all as [Question, Question, Question];
export const [icmp, tcp, udp] = [first, second, third];
export const backTcp = all[4]!;
export const free = all[6]!;

/** What the probe says: words of an answer that is ok, or a failure. */
export type Answer = { ok: string[] } | Failure;

export const ok = (...words: string[]): Answer => ({ ok: words.join(" ").split(" ") });
export const TIMEOUT: Answer = { kind: "timeout" };

/** What comes out of a question for what the probe said. */
export function resultOf(question: Question, answer: Answer, around = scene()): Result {
    const prepared = prepare(question, around);
    assert.ok(!("obstacle" in prepared));
    const { read } = PROBES[question.protocol];
    const seen = "ok" in answer ? readAnswer("ok", answer.ok, read) : answer;
    return { question, cell: judge(question, prepared, seen, around), seen };
}
