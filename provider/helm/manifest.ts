import { parseAllDocuments } from "yaml";
import type { Tags } from "yaml";

/** A Kubernetes object as JSON. */
export interface KubeObject {
    apiVersion: string;
    kind: string;
    metadata: { name: string; namespace?: string; [key: string]: unknown };
    [key: string]: unknown;
}

/**
 * The objects of a release's manifest, those of lists included; hooks are not part of it. Helm reads YAML 1.1, where
 * 0644 is octal and yes is true, but takes a date (2026-01-01) or a time (22:30) for a text.
 */
export function objectsOf(manifest: string): KubeObject[] {
    return parseAllDocuments(manifest, { version: "1.1", customTags: withoutTimes })
        .map((document) => document.toJS() as KubeObject | null)
        .filter((object) => object !== null)
        .flatMap(elementsOf);
}

function withoutTimes(tags: Tags): Tags {
    return tags.filter(
        (tag) =>
            typeof tag === "string" || !(tag.format === "TIME" || tag.tag.endsWith(":timestamp")),
    );
}

/** The elements of a List, a RoleList and so on may leave out what the name of the list says. */
function elementsOf(object: KubeObject): KubeObject[] {
    const { apiVersion, kind, items } = object;
    return kind.endsWith("List") && Array.isArray(items)
        ? (items as object[]).map(
              (item) => ({ apiVersion, kind: kind.slice(0, -4), ...item }) as KubeObject,
          )
        : [object];
}
