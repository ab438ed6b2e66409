import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "./cluster.ts";

export interface ReleaseArgs {
    cluster: Cluster;
    /** Name of the release, and of its chart's folder under `charts/` unless `chart` says otherwise. */
    release: string;
    chart?: string;
    namespace: string;
    values: pulumi.Inputs;
}

const CHARTS = join(import.meta.dirname, "..", "charts");

/** Seconds until a release that does not become ready fails. */
const TIMEOUT = 300;

/**
 * A release of one of our own charts. Besides its values, two things make it upgrade: another content of the chart
 * (the Kubernetes provider compares only values and version), and damage that the cluster's inventory found.
 */
export function release(
    name: string,
    args: ReleaseArgs,
    opts: pulumi.CustomResourceOptions,
): k8s.helm.v3.Release {
    const chart = join(CHARTS, args.chart ?? args.release);
    return new k8s.helm.v3.Release(
        name,
        {
            name: args.release,
            namespace: args.namespace,
            chart,
            values: {
                ...args.values,
                chartDigest: digest(chart),
                repair: args.cluster.repair(args.release),
            },
            timeout: TIMEOUT,
            // The API server checks all the same; its schema as a whole costs it 50 MB to write down.
            disableOpenapiValidation: true,
            maxHistory: 3,
        },
        opts,
    );
}

/** Hash of all files of a folder, names included. */
function digest(folder: string): string {
    const hash = createHash("sha256");
    const files = readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name));
    for (const file of files.sort()) {
        hash.update(file.slice(folder.length)).update("\0").update(readFileSync(file)).update("\0");
    }
    return hash.digest("hex").slice(0, 12);
}
