import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { ForeignChart } from "../plan/images.ts";
import type { Cluster } from "./cluster.ts";
import { patient } from "../plan/patience.ts";

export interface ChartReleaseArgs {
    cluster: Cluster;
    /** Name of the release, and of its chart's folder under `charts/` unless `chart` says otherwise. */
    release: string;
    chart?: string | ForeignChart;
    namespace: string;
    /** Gets the value `repair` of the cluster's inventory: another one must recreate the chart's pods where they need it. */
    values: pulumi.Inputs;
    /** Something else waits until its pods are ready: a Rollout, or the matrix. */
    skipAwait?: boolean;
}

const CHARTS = join(import.meta.dirname, "..", "charts");

/** Seconds until a release that does not become ready fails. */
const TIMEOUT = 300;

/**
 * A Helm release. Besides its values, two things make it upgrade: another content of one of our own charts (the
 * Kubernetes provider compares only values and version), and damage that the cluster's inventory found.
 */
export class ChartRelease extends k8s.helm.v3.Release {
    constructor(name: string, args: ChartReleaseArgs, opts: pulumi.CustomResourceOptions) {
        const { cluster, namespace, chart = args.release, values } = args;
        const repair = cluster.declare({ namespace, name: args.release });
        const own = typeof chart === "string" ? join(CHARTS, chart) : undefined;
        super(
            name,
            {
                name: args.release,
                namespace,
                ...(typeof chart === "string" ? { chart: own! } : source(chart)),
                values: { ...values, repair, ...(own && { chartDigest: digest(own) }) },
                ...(args.skipAwait && { skipAwait: true }),
                timeout: patient(TIMEOUT),
                // The API server checks all the same; its schema as a whole costs it 50 MB to write down.
                disableOpenapiValidation: true,
                maxHistory: 3,
                // An install that failed and is in no state (the engine was killed) is done again, and adopts its objects.
                replace: true,
            },
            opts,
        );
    }
}

function source(chart: ForeignChart) {
    const createNamespace = true;
    if ("folder" in chart) {
        return { chart: chart.folder, createNamespace };
    }
    const { repository, name, version } = chart;
    return { chart: name, version, repositoryOpts: { repo: repository }, createNamespace };
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
