import { setTimeout } from "node:timers/promises";
import type { KubeApi } from "../kube/api.ts";
import { Directory } from "../kube/directory.ts";
import { firstDifference, mergePatch } from "./compare.ts";
import { objectsOf } from "./manifest.ts";
import type { KubeObject } from "./manifest.ts";
import { upgradeRestores } from "./native.ts";
import { revisions, standings } from "./release.ts";
import type { Revision } from "./release.ts";

/** What is wrong with one release. */
export interface Damage {
    release: string;
    /** One line per damaged object: `DaemonSet kube-system/multus: missing`. */
    findings: string[];
    /** An unfinished revision that has to go before the release can be upgraded. */
    stale?: Revision;
    /** What an upgrade of the release would leave as it is. */
    fixes: Fix[];
}

/** What puts one object right. */
export interface Fix {
    /** `Installation default`. */
    object: string;
    path: string;
    /** A JSON merge patch. */
    patch: object;
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
            return {
                release,
                findings: [...left, ...objects.map(({ finding }) => finding)],
                fixes: objects.flatMap(({ fix }) => fix ?? []),
                ...(pending && { stale: pending }),
            };
        }),
    );
    return found
        .filter(({ findings }) => findings.length > 0)
        .sort((a, b) => (a.release < b.release ? -1 : 1));
}

/** Does what an upgrade of the damaged release will not do, or needs done before. */
export async function repair(api: KubeApi, { stale, fixes }: Damage): Promise<void> {
    if (stale) {
        await api.delete(`/api/v1/namespaces/${stale.namespace}/secrets/${stale.secret}`);
    }
    for (const { object, path, patch } of fixes) {
        try {
            await api.patch(path, patch);
        } catch (error) {
            throw new Error(
                `${object} was changed and could not be put right: ${(error as Error).message}\n` +
                    "Delete it: the next `pulumi up` makes it anew.",
                { cause: error },
            );
        }
    }
}

interface DamagedObject {
    finding: string;
    fix?: Fix;
}

async function damagedObjects(
    api: KubeApi,
    directory: Directory,
    { manifest, namespace }: Revision,
): Promise<DamagedObject[]> {
    const found = await Promise.all(
        objectsOf(manifest).map((wanted) => damageOf(api, directory, wanted, namespace)),
    );
    return found.filter((damaged) => damaged !== undefined);
}

async function damageOf(
    api: KubeApi,
    directory: Directory,
    wanted: KubeObject,
    namespace: string,
): Promise<DamagedObject | undefined> {
    const place = await directory.locate(wanted, namespace);
    const live = place && (await api.get<KubeObject>(place.path));
    const { name } = wanted.metadata;
    const object = `${wanted.kind} ${place?.namespace ? `${place.namespace}/${name}` : name}`;
    if (!live) {
        return vanishes(wanted) ? undefined : { finding: `${object}: missing` };
    }
    const different = firstDifference(wanted, live);
    if (different === undefined) {
        return undefined;
    }
    const finding = `${object}: ${different} differs`;
    const patch = upgradeRestores(wanted) ? undefined : mergePatch(wanted, live);
    return patch ? { finding, fix: { object, path: place.path, patch } } : { finding };
}

/** A finished Job may be removed after a time that it states. */
function vanishes({ kind, spec }: KubeObject): boolean {
    return kind === "Job" && (spec as Job | undefined)?.ttlSecondsAfterFinished !== undefined;
}

interface Job {
    ttlSecondsAfterFinished?: number;
}
