import type { z } from "zod";
import type { Cidr } from "../cidr.ts";
import type { ParsedConfig } from "../config/parsedConfig.ts";
import type { Need } from "../need.ts";
import type { ChartName } from "../images.ts";
import type { HelmValues, NetworkPlan, NodeRanges } from "../plan.ts";
import type { Problem } from "../problem.ts";
import type { ReservedValues } from "../rules/reservedHelmValues.ts";
import type { Division } from "./division.ts";

/** The section of a network, as far as all types have it; the rest is its type's own affair. */
export interface NetworkConfig {
    type: string;
    /** Logical names of the clusters that join it; all where it is left out. */
    clusters?: string[] | undefined;
    cidr?: string | undefined;
    /** Prefix length of a node's part, where nodes have parts. */
    nodePrefix?: number;
    /** Bytes; undefined where it is not the testbed's to know. */
    mtu?: number;
}

/** A valid section with its defaults, under the network's name. */
export type NetworkTopology<C extends NetworkConfig = NetworkConfig> = C & {
    name: string;
    cidr: string;
    clusters: string[];
};

/** What a section becomes that has these keys. */
export type ConfigOf<Keys extends z.ZodRawShape> = z.output<z.ZodObject<Keys>> & { type: string };

/** One entry of a CNI configuration list. */
export type Plugin = Record<string, unknown>;

/** What there is to know of one type of extra network: the one thing to write for another type. */
export interface NetworkType<
    C extends NetworkConfig = NetworkConfig,
    P extends NetworkPlan = NetworkPlan,
> {
    /** What stands at `type`. */
    name: string;
    /** What it is and how it gets from cluster to cluster, for the documentation. */
    text: { is: string; between: string };
    /** The keys of its section, without `type`. */
    keys: z.ZodRawShape;
    /** What holds in place of this for a network with other keys, such as its mode. */
    variant?(network: C | P): NetworkType<C, P>;
    /** The range of a network that states none; undefined where no range suits most stacks. */
    defaultRange?: string;
    /** Why a range must be stated. `overlapping` describes what has part of a range already. */
    whyNoDefault?(overlapping: (range: Cidr) => string[]): string;
    /** How its range comes to the nodes. */
    division: Division;
    /** Whether nodes have routes to each other's slices. */
    routed: boolean;
    /** Where it ends: with the stack, or with each cluster. */
    reach: "stack" | "cluster";
    /** Whether pods find each other by ARP, so that nothing but the plan keeps their addresses apart. */
    layer2: boolean;
    /** Whether its packets are wrapped up between nodes, which have no routes to it. */
    overlay: boolean;
    /** Bytes that its packets are wrapped in between nodes. */
    overhead?: number;
    /** Whether demo pods join it, so that the matrix measures it. */
    measured: boolean;
    /** Who else has an address of a node's part of it, before the pods and behind them. */
    reserved: { before: string; behind?: string };
    /** Whether a pod keeps its address while it is replaced; otherwise it has two for a while. */
    keepsAddresses?(network: C): boolean;
    /** CNI plugins that kind's own node image lacks. */
    plugins(network: P): string[];
    /** The chart that each cluster which joins gets, with the product's name for messages. */
    installs?: { chart: ChartName; title: string };
    /** The values of that chart. */
    values?(network: P): HelmValues;
    /** Values of that chart that multinet fixes. */
    reservedValues?: ReservedValues[];
    /** What the plan has of a network of this type besides its name, range, MTU and clusters. */
    plan(network: NetworkTopology<C>): Omit<P, keyof NetworkPlan>;
    /** The plugins of its CNI configuration on a node; `slice` is there where the division is planned. */
    cni(network: P, slice: string): Plugin[];
    /** Address with prefix length of the n-th demo pod on a node, from 0, where it is planned. */
    demoAddress?(network: NetworkTopology<C>, slice: string, n: number): string | undefined;
    /** The multicast group of a network of that name. */
    group?(name: string): string;
    /** What is wrong with the networks of this type when they are looked at together, with all else of the stack. */
    problems?(networks: [name: string, network: C][], parsed: ParsedConfig): Problem[];
    /** What a network needs of the machine's kernel. */
    needs?(network: P): Need[];
    /** What is wrong with the ranges that its nodes were given if the network has another now. */
    givenProblem?(network: P, ranges: NodeRanges, kubeconfig: string): string | undefined;
}
