import { setTimeout } from "node:timers/promises";
import type { KubeApi } from "../kube/api.ts";
import { Directory } from "../kube/directory.ts";
import { firstDifference, mergePatch } from "./compare.ts";
import { objectsOf } from "./manifest.ts";
import type { KubeObject } from "./manifest.ts";
import { upgradeRestores } from "./native.ts";
import { markFailed } from "./record.ts";
import { keyOf, revisions, standingOf } from "./release.ts";
import type { ReleaseName, Revision } from "./release.ts";

/** What is wrong with one release. */
export interface Damage extends ReleaseName {
    /** One line per damaged object: `DaemonSet kube-system/multus: missing`. */
    findings: string[];
    /** What Helm knows of a release from which no upgrade can start. */
    blocked?: { newest: Revision | undefined };
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

/** Which releases of a cluster are this stack's. */
export interface Ours {
    /** Those that may be there. No other is looked at, and none of the same name without the value `repair`. */
    declared: ReleaseName[];
    /** Those that must be there. */
    installed: ReleaseName[];
}

/**
 * Compares every release of this stack with what is in the cluster. Damage must show a second time, `pause` milliseconds
 * later: an API that just started may not know all kinds yet.
 */
export async function damages(api: KubeApi, ours: Ours, pause: number): Promise<Damage[]> {
    if ((await lookOnce(api, ours)).length === 0) {
        return [];
    }
    await setTimeout(pause);
    return lookOnce(api, ours);
}

async function lookOnce(api: KubeApi, { declared, installed }: Ours): Promise<Damage[]> {
    const directory = new Directory(api);
    const expected = new Set(installed.map(keyOf));
    const found = await Promise.all(
        [...(await revisions(api, declared))].map(async ([key, all], i): Promise<Damage> => {
            const standing = standingOf(all.filter(isOurs));
            const objects = await damagedObjects(api, directory, standing.deployed);
            // One of the same name that is not ours leaves no place for ours.
            const missing = all.length === 0 && expected.has(key);
            const fault = standing.unusable ?? (missing ? "its record is missing" : undefined);
            return {
                ...declared[i]!,
                findings: [
                    ...(fault === undefined ? [] : [`release ${key}: ${fault}`]),
                    ...objects.map(({ finding }) => finding),
                ],
                ...(fault !== undefined && { blocked: { newest: standing.newest } }),
                fixes: objects.flatMap(({ fix }) => fix ?? []),
            };
        }),
    );
    return found
        .filter(({ findings }) => findings.length > 0)
        .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

/** Every release of this stack has the value; what cannot be read is told by its name alone. */
function isOurs({ content }: Revision): boolean {
    return content === undefined || "repair" in (content.config ?? {});
}

/** Does what an upgrade of the damaged release will not do, or needs done before. */
export async function repair(api: KubeApi, { blocked, fixes, ...release }: Damage): Promise<void> {
    if (blocked) {
        await markFailed(api, release, blocked.newest);
    }
    for (const { object, path, patch } of fixes) {
        try {
            await api.patch(path, patch);
        } catch (error) {
            throw new Error(
                `${object} was changed and could not be put right: ${(error as Error).message}\n` +
                    "Delete it: the next `pulumi up` recreates it.",
                { cause: error },
            );
        }
    }
}

/**
 * Makes every release of this stack one that the next install may replace: those of an adopted cluster are in no state,
 * and Helm would not install them a second time.
 */
export async function disown(api: KubeApi, declared: ReleaseName[]): Promise<void> {
    const found = await revisions(api, declared);
    await Promise.all(
        declared.map(async (one) => {
            const { newest } = standingOf((found.get(keyOf(one)) ?? []).filter(isOurs));
            if (newest && newest.status !== "failed") {
                await markFailed(api, one, newest);
            }
        }),
    );
}

interface DamagedObject {
    finding: string;
    fix?: Fix;
}

async function damagedObjects(
    api: KubeApi,
    directory: Directory,
    deployed: Revision | undefined,
): Promise<DamagedObject[]> {
    if (!deployed?.content) {
        return [];
    }
    const { content, namespace } = deployed;
    const found = await Promise.all(
        objectsOf(content.manifest).map((wanted) => damageOf(api, directory, wanted, namespace)),
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
