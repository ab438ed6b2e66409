import * as k8s from "@pulumi/kubernetes";
import { Testbed } from "multinet";

const lab = new Testbed("lab", { clusters: { edge1: {} }, networks: { data: { type: "ptp" } } });
const provider = new k8s.Provider("edge1", { kubeconfig: lab.kubeconfigs["edge1"]! });
const annotations = { "k8s.v1.cni.cncf.io/networks": "data" };
const containers = [{ name: "client", image: lab.images.toolbox, command: ["sleep", "infinity"] }];
const metadata = { name: "client", annotations };
new k8s.core.v1.Pod(
    "client",
    { metadata, spec: { containers, terminationGracePeriodSeconds: 0 } },
    { provider },
);

export const { clusters, kubeconfigs, bridge } = lab;
