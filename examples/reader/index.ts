import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { ClusterOutputs } from "multinet";

/** What a reference gives: the values themselves. */
type Clusters = Record<string, pulumi.Unwrap<ClusterOutputs>>;

// config: lab, such as organization/multinet-pod/dev
const lab = new pulumi.StackReference(new pulumi.Config().require("lab"));
const clusters = lab.requireOutput("clusters") as pulumi.Output<Clusters>;
const kubeconfigs = lab.requireOutput("kubeconfigs") as pulumi.Output<Record<string, string>>;

const kubeconfig = kubeconfigs.apply((all) => all["edge1"]!);
const provider = new k8s.Provider("edge1", { kubeconfig });
const data = { clusters: pulumi.jsonStringify(clusters) };
new k8s.core.v1.ConfigMap("lab", { metadata: { name: "lab" }, data }, { provider });

export const api = clusters.apply((all) => all["edge1"]!.api);
