import type { z } from "zod";
import type { ChartName } from "../images.ts";
import type { Need } from "../need.ts";
import type { ClusterPlan, HelmValues } from "../plan.ts";
import type { Path, Problem } from "../problem.ts";
import type { ReservedValues } from "../rules/reservedHelmValues.ts";

/**
 * What there is to know of one network of a cluster's own, on which every pod has eth0: the one thing to write for
 * another, with a component if it installs something. Its settings are a section of the cluster of the same name.
 */
export interface PrimaryType<Settings extends object = object> {
    /** What stands at `primary`. */
    name: string;
    /** The keys of its section, and what the section is; undefined if there is nothing to set. */
    keys?: z.ZodRawShape;
    text?: { section: string; example: string };
    /** File name of the CNI configuration that it writes on every node. */
    conflist: string;
    /** The chart by which it comes; undefined for what kind itself installs. */
    installs?: { chart: ChartName; title: string };
    /** The values of that chart. */
    values?(cluster: ClusterPlan, settings: Settings): HelmValues;
    /** Values of that chart that multinet fixes. */
    reservedValues?: ReservedValues[];
    /** Whether it gives nodes their ranges itself, so that they are known only when it runs. */
    givesRanges: boolean;
    /** What it needs of the machine's kernel; `path` leads to its settings. */
    needs?(settings: Settings, path: Path): Need[];
    /** What the images made on this machine cannot do. */
    madeImagesProblems?(settings: Settings, path: Path): Problem[];
}

/** What a section becomes that has these keys. */
export type SettingsOf<Keys extends z.ZodRawShape> = z.output<z.ZodObject<Keys>>;
