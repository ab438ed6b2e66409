import { keyOf, type ReleaseName } from "../../provider/helm/release.ts";
import type { State, StateResource } from "./stack.ts";

const CLUSTER = "multinet:index:KindCluster";
const INVENTORY = "multinet:index:ReleaseInventory";
const RELEASE = "kubernetes:helm.sh/v3:Release";
const NETWORK = "docker:index/network:Network";

/** A cluster that is recorded, with what was being created in it: if it is there, the state does not know it. */
export interface InterruptedCluster {
    name: string;
    /** The name of its control plane's container. */
    controlPlane: string;
    runtime: string;
    network: string;
    ca: string;
    releases: ReleaseName[];
}

/**
 * The clusters of a state that may hold releases which it does not record: those that an update was creating when it ended,
 * and those that the cluster's inventory declares. All by the state's own record.
 */
export function interruptedClusters({ deployment }: State): InterruptedCluster[] {
    const { resources = [], pending_operations: pending = [] } = deployment;
    const inCluster = (ca: unknown, all: StateResource[]) =>
        all.filter((one) => one.type === RELEASE && clusterOf(one, resources) === ca).map(nameOf);
    const creating = pending.filter(({ type }) => type === "creating");
    return resources
        .filter(({ type, outputs }) => type === CLUSTER && outputs?.["ca"] !== undefined)
        .map(({ outputs = {} }) => {
            const ca = outputs["ca"];
            const recorded = new Set(inCluster(ca, resources).map(keyOf));
            const wanted = [
                ...inCluster(
                    ca,
                    creating.map(({ resource }) => resource),
                ),
                ...declared(ca, resources).filter((one) => !recorded.has(keyOf(one))),
            ];
            return {
                name: String(outputs["name"]),
                controlPlane: String((outputs["nodes"] as unknown[] | undefined)?.[0]),
                runtime: String(outputs["runtime"]),
                network: String(outputs["network"]),
                ca: String(ca),
                releases: [...new Map(wanted.map((one) => [keyOf(one), one])).values()],
            };
        })
        .filter(({ releases }) => releases.length > 0);
}

/** The releases of a cluster as its inventory knows them: before the first of them is installed. */
function declared(ca: unknown, resources: StateResource[]): ReleaseName[] {
    return resources
        .filter(({ type, inputs }) => type === INVENTORY && inputs?.["ca"] === ca)
        .flatMap(({ inputs }) => (inputs?.["releases"] ?? []) as ReleaseName[]);
}

/** What was being created of these, and is in no state: the operations, which hold all that a record needs. */
export function unrecorded(state: State, kind: "cluster" | "network"): StateResource[] {
    const { resources = [], pending_operations: pending = [] } = state.deployment;
    const wanted = kind === "cluster" ? CLUSTER : NETWORK;
    const known = new Set(resources.filter((one) => !one.pendingReplacement).map(({ urn }) => urn));
    return pending
        .filter(({ type }) => type === "creating")
        .map(({ resource }) => resource)
        .filter(({ type, urn }) => type === wanted && !known.has(urn));
}

/**
 * The state with a resource that exists, under its id: in place of what it was to replace, as others may depend on that,
 * else at the end. What a later update has to know it will find out itself.
 */
export function withRecord(state: State, resource: StateResource, id: string): State {
    const { resources = [] } = state.deployment;
    const record = { ...resource, id, outputs: resource.inputs ?? {} };
    const place = resources.findIndex(({ urn }) => urn === resource.urn);
    const recorded = place < 0 ? [...resources, record] : resources.with(place, record);
    return { ...state, deployment: { ...state.deployment, resources: recorded } };
}

/** The certificate authority of the cluster that a release's provider leads to. */
function clusterOf({ provider = "" }: StateResource, resources: StateResource[]): unknown {
    const urn = provider.slice(0, provider.lastIndexOf("::"));
    return resources.find((resource) => resource.urn === urn)?.inputs?.["clusterIdentifier"];
}

function nameOf({ inputs = {} }: StateResource): ReleaseName {
    const namespace = typeof inputs["namespace"] === "string" ? inputs["namespace"] : "default";
    return { namespace, name: String(inputs["name"]) };
}
