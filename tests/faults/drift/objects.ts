import type { Drift, Scene } from "./drift.ts";

/** An object of a release; `gone` asks whether it is as the drift made it. */
function object(
    what: string,
    args: string[],
    there: (scene: Scene) => Promise<boolean>,
    named: RegExp,
    more: Partial<Drift> = {},
): Drift {
    return {
        what,
        make: ({ kubectl }) => kubectl("edge1", ...args),
        there,
        named,
        only: /^edge1-/,
        ...more,
    };
}

const absent =
    (...args: string[]) =>
    async ({ kubectl }: Scene) =>
        (await kubectl("edge1", "get", ...args, "--ignore-not-found", "--output", "name")) === "";
const holds =
    (text: string, ...args: string[]) =>
    async ({ kubectl }: Scene) =>
        (await kubectl("edge1", "get", ...args, "--output", "json")).includes(text);

const SYSTEM = ["--namespace", "kube-system"];
const PLANE = ["net-attach-def", "data-plane"];
const patch = (json: string) => ["--type", "merge", "--patch", json];
const image = (container: string) =>
    `{"spec":{"template":{"spec":{"containers":[{"name":"${container}","image":"example.invalid/none:1"}]}}}}`;
/** Where pods of the demo are missing, their cells are red as well. */
const OF_DEMO = /^(edge1-|testbed-reachability-matrix$)/;
const labelled = (name: string) => `{"metadata":{"labels":{"app.kubernetes.io/name":"${name}"}}}`;

/** What the inventory of a cluster's releases takes care of. */
export const OBJECTS: Drift[] = [
    object(
        "the NetworkAttachmentDefinition deleted",
        ["delete", ...PLANE],
        absent(...PLANE),
        /NetworkAttachmentDefinition/,
    ),
    object(
        "the NetworkAttachmentDefinition edited",
        ["patch", ...PLANE, ...patch('{"spec":{"config":"{}"}}')],
        holds('"config": "{}"', ...PLANE),
        /NetworkAttachmentDefinition/,
    ),
    object(
        "the agents' DaemonSet deleted",
        ["delete", "ds", "node-routes", ...SYSTEM],
        absent("ds", "node-routes", ...SYSTEM),
        /DaemonSet/,
        { spared: /edge1\/kube-system\/node-routes-/ },
    ),
    object(
        "the agents' DaemonSet with another image",
        ["patch", "ds", "node-routes", ...SYSTEM, "--type", "strategic", "--patch", image("agent")],
        holds("example.invalid/none:1", "ds", "node-routes", ...SYSTEM),
        /DaemonSet/,
        { spared: /edge1\/kube-system\/node-routes-/ },
    ),
    object(
        "Multus' DaemonSet deleted",
        ["delete", "ds", "multus", ...SYSTEM],
        absent("ds", "multus", ...SYSTEM),
        /DaemonSet/,
        { spared: /edge1\/kube-system\/multus-/ },
    ),
    object(
        "a demo Deployment deleted",
        ["delete", "deployment", "demo1"],
        absent("deployment", "demo1"),
        /Deployment/,
        { only: OF_DEMO, spared: /edge1\/default\/demo1-/ },
    ),
    object(
        "a demo Deployment scaled to 0",
        ["scale", "deployment", "demo2", "--replicas", "0"],
        holds('"replicas": 0', "deployment", "demo2"),
        /Deployment/,
        { only: OF_DEMO, spared: /edge1\/default\/demo2-/ },
    ),
    object(
        "a demo Deployment without its annotation",
        [
            ...["patch", "deployment", "demo1", "--type", "merge", "--patch"],
            '{"spec":{"template":{"metadata":{"annotations":{"k8s.v1.cni.cncf.io/networks":null}}}}}',
        ],
        async (scene) =>
            !(await holds('"k8s.v1.cni.cncf.io/networks"', "deployment", "demo1")(scene)),
        /Deployment/,
        { only: OF_DEMO, spared: /edge1\/default\/demo1-/ },
    ),
    object(
        "the demo's ConfigMap edited",
        ["patch", "configmap", "demo-scripts", ...patch('{"data":{"probe.pl":"exit 1"}}')],
        holds('"probe.pl": "exit 1"', "configmap", "demo-scripts"),
        /ConfigMap/,
    ),
    object(
        "the demo's ConfigMap deleted",
        ["delete", "configmap", "demo-scripts"],
        absent("configmap", "demo-scripts"),
        /ConfigMap/,
    ),
    object(
        "the agents' ServiceAccount deleted",
        ["delete", "serviceaccount", "node-routes", ...SYSTEM],
        absent("serviceaccount", "node-routes", ...SYSTEM),
        /ServiceAccount/,
        { spared: /edge1\/kube-system\/node-routes-/ },
    ),
    object(
        "the agents' Role without its rules",
        ["patch", "role", "node-routes-events", ...patch('{"rules":[]}')],
        async ({ kubectl }) => {
            const verbs = ["--output", "jsonpath={.rules[*].verbs}"];
            return (await kubectl("edge1", "get", "role", "node-routes-events", ...verbs)) === "";
        },
        /Role/,
        { spared: /edge1\/kube-system\/node-routes-/ },
    ),
    object(
        "Multus' ClusterRoleBinding deleted",
        ["delete", "clusterrolebinding", "multus"],
        absent("clusterrolebinding", "multus"),
        /ClusterRoleBinding/,
        { spared: /edge1\/kube-system\/multus-/ },
    ),
    object(
        "a label of the agents' DaemonSet changed",
        ["patch", "ds", "node-routes", ...SYSTEM, ...patch(labelled("nobody"))],
        holds('"app.kubernetes.io/name": "nobody"', "ds", "node-routes", ...SYSTEM),
        /DaemonSet/,
        { spared: /edge1\/kube-system\/node-routes-/ },
    ),
];
