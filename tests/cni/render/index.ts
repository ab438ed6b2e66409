import * as k8s from "@pulumi/kubernetes";

/** What the variable RENDER holds. */
export interface Rendering {
    /** Where the files go. */
    folder: string;
    charts: { name: string; path: string; namespace: string; values: Record<string, unknown> }[];
}

const { folder, charts } = JSON.parse(process.env["RENDER"]!) as Rendering;
const provider = new k8s.Provider("files", { renderYamlToDirectory: folder });
for (const { name, ...args } of charts) {
    // Version 4 of this resource takes the cluster's own version, and there is none.
    new k8s.helm.v3.Chart(name, { ...args, kubeVersion: "1.34.0" }, { provider });
}
