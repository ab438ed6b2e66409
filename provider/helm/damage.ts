import { setTimeout } from "node:timers/promises";
import { parseAllDocuments } from "yaml";
import type { KubeApi } from "../kube/api.ts";
import { Directory } from "../kube/directory.ts";
import { firstDifference } from "./compare.ts";
import type { KubeObject } from "./compare.ts";
import { revisions, standings } from "./release.ts";
import type { Revision } from "./release.ts";

/** What is wrong with one release. */
export interface Damage {
    release: string;
    /** One line per damaged object: `DaemonSet kube-system/multus: missing`. */
    findings: string[];
    /** An unfinished revision that has to go before the release can be upgraded. */
    stale?: Revision;
}

/** Milliseconds after which damage has to show a second time: an API that just started may not know all kinds yet. */
const SECOND_LOOK = 1000;

/**
 * Compares every release that takes repairs (its values have `repair`) with what is in the cluster. Releases of the
 * user's own are none of our business.
 */
export async function damages(api: KubeApi): Promise<Damage[]> {
    if ((await lookOnce(api)).length === 0) {
        return [];
    }
    await setTimeout(SECOND_LOOK);
    return lookOnce(api);
}

async function lookOnce(api: KubeApi): Promise<Damage[]> {
    const directory = new Directory(api);
    const ours = (await revisions(api)).filter(({ values }) => "repair" in values);
    const found = await Promise.all(
        [...standings(ours)].map(async ([release, { deployed, pending }]): Promise<Damage> => {
            const objects = deployed ? await damagedObjects(api, directory, deployed) : [];
            const left = pending
                ? [`release ${release}: revision ${pending.version} left ${pending.status}`]
                : [];
            return { release, findings: [...left, ...objects], ...(pending && { stale: pending }) };
        }),
    );
    return found
        .filter(({ findings }) => findings.length > 0)
        .sort((a, b) => (a.release < b.release ? -1 : 1));
}

/** Removes a revision that a killed Helm left pending. */
export function forget(api: KubeApi, { namespace, secret }: Revision): Promise<void> {
    return api.delete(`/api/v1/namespaces/${namespace}/secrets/${secret}`);
}

async function damagedObjects(
    api: KubeApi,
    directory: Directory,
    { manifest, namespace }: Revision,
): Promise<string[]> {
    const findings = await Promise.all(
        objectsOf(manifest).map(async (wanted) => {
            const place = await directory.locate(wanted, namespace);
            const live = place && (await api.get<KubeObject>(place.path));
            const name = place?.namespace
                ? `${place.namespace}/${wanted.metadata.name}`
                : wanted.metadata.name;
            if (!live) {
                return `${wanted.kind} ${name}: missing`;
            }
            const different = firstDifference(wanted, live);
            return different && `${wanted.kind} ${name}: ${different} differs`;
        }),
    );
    return findings.filter((finding) => finding !== undefined);
}

/** The objects of a manifest. Helm reads YAML 1.1, where 0644 is octal. */
export function objectsOf(manifest: string): KubeObject[] {
    return parseAllDocuments(manifest, { version: "1.1" })
        .map((document) => document.toJS() as KubeObject | null)
        .filter((object) => object !== null);
}
