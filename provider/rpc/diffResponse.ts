import provider from "@pulumi/pulumi/proto/provider_pb.js";
import type { ChangeKind, Difference } from "../resource.ts";

const KINDS: Record<ChangeKind, provider.PropertyDiff.Kind> = {
    add: provider.PropertyDiff.Kind.ADD,
    "add-replace": provider.PropertyDiff.Kind.ADD_REPLACE,
    delete: provider.PropertyDiff.Kind.DELETE,
    "delete-replace": provider.PropertyDiff.Kind.DELETE_REPLACE,
    update: provider.PropertyDiff.Kind.UPDATE,
    "update-replace": provider.PropertyDiff.Kind.UPDATE_REPLACE,
};

/** What looks like a property path is one; other keys are sentences ("container x (deleted)"), shown as they are. */
const PROPERTY_PATH = /^[\w$]+(\.[\w$-]+|\[\d+\])*$/;

export function diffResponse(difference: Difference): provider.DiffResponse {
    const changes = Object.entries(difference.changes);
    const response = new provider.DiffResponse()
        .setChanges(
            changes.length > 0
                ? provider.DiffResponse.DiffChanges.DIFF_SOME
                : provider.DiffResponse.DiffChanges.DIFF_NONE,
        )
        .setHasdetaileddiff(true)
        .setStablesList(difference.stables ?? [])
        .setDeletebeforereplace(difference.deleteBeforeReplace ?? false);
    for (const [key, kind] of changes) {
        response
            .getDetaileddiffMap()
            .set(pathOf(key), new provider.PropertyDiff().setKind(KINDS[kind]));
        response.addDiffs(topLevel(key));
        if (kind.endsWith("-replace")) {
            response.addReplaces(topLevel(key));
        }
    }
    return response;
}

/** Quoted where the engine would otherwise split the key at its dots. */
function pathOf(key: string): string {
    return PROPERTY_PATH.test(key) ? key : `["${key.replaceAll('"', '\\"')}"]`;
}

function topLevel(key: string): string {
    return PROPERTY_PATH.test(key) ? (key.split(/[.[]/)[0] ?? key) : key;
}
