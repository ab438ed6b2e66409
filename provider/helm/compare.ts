/** A Kubernetes object as JSON. */
export interface KubeObject {
    apiVersion: string;
    kind: string;
    metadata: { name: string; namespace?: string; [key: string]: unknown };
    [key: string]: unknown;
}

/** Fields that the server owns whatever a manifest says. */
const SERVER_OWNED = new Set(["status", "metadata.creationTimestamp", "metadata.namespace"]);

/** By which field the elements of a list are told apart; a list without any is compared in order. */
const MERGE_KEYS = ["name", "mountPath", "containerPort", "port"];

/**
 * The path of the first field in which `live` is not as `manifest` wants it, or undefined. What the manifest does not
 * mention may be anything: defaults, or what others added.
 */
export function firstDifference(manifest: KubeObject, live: KubeObject): string | undefined {
    return difference(withData(manifest), live, "");
}

/** A Secret's plain text, in the form in which it is stored. */
function withData(manifest: KubeObject): KubeObject {
    if (manifest.kind !== "Secret" || !manifest["stringData"]) {
        return manifest;
    }
    const { stringData, ...rest } = manifest;
    const data = { ...(manifest["data"] as Record<string, string> | undefined) };
    for (const [key, text] of Object.entries(stringData as Record<string, string>)) {
        data[key] = Buffer.from(text).toString("base64");
    }
    return { ...rest, data };
}

function difference(wanted: unknown, live: unknown, path: string): string | undefined {
    if (SERVER_OWNED.has(path) || wanted === null || same(wanted, live)) {
        return undefined;
    }
    if (Array.isArray(wanted) && Array.isArray(live)) {
        return listDifference(wanted, live, path);
    }
    if (isObject(wanted) && isObject(live)) {
        for (const [key, value] of Object.entries(wanted)) {
            const found = difference(value, live[key], path === "" ? key : `${path}.${key}`);
            if (found !== undefined) {
                return found;
            }
        }
        return undefined;
    }
    return path;
}

function listDifference(wanted: unknown[], live: unknown[], path: string): string | undefined {
    const key = MERGE_KEYS.find((key) => wanted.every((one) => isObject(one) && key in one));
    if (key === undefined && wanted.length !== live.length) {
        return path;
    }
    for (const [index, element] of wanted.entries()) {
        const label = key === undefined ? index : String((element as Fields)[key]);
        const partner =
            key === undefined
                ? live[index]
                : live.find((one) => isObject(one) && same((element as Fields)[key], one[key]));
        const found = difference(element, partner, `${path}[${label}]`);
        if (found !== undefined) {
            return found;
        }
    }
    return undefined;
}

type Fields = Record<string, unknown>;

function isObject(value: unknown): value is Fields {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Equal as the server sees it: it drops empty values and rewrites quantities ("1000m" becomes "1"). */
function same(wanted: unknown, live: unknown): boolean {
    if (wanted === live || (isEmpty(wanted) && live === undefined)) {
        return true;
    }
    const [a, b] = [quantity(wanted), quantity(live)];
    return a !== undefined && a === b;
}

function isEmpty(value: unknown): boolean {
    if (Array.isArray(value)) {
        return value.length === 0;
    }
    return isObject(value) ? Object.values(value).every(isEmpty) : !value;
}

const FACTORS: Record<string, number> = {
    n: 1e-9,
    u: 1e-6,
    m: 1e-3,
    "": 1,
    k: 1e3,
    M: 1e6,
    G: 1e9,
    T: 1e12,
    Ki: 2 ** 10,
    Mi: 2 ** 20,
    Gi: 2 ** 30,
    Ti: 2 ** 40,
};

/** The value of a Kubernetes quantity, rounded to what tells two of them apart. */
function quantity(value: unknown): number | undefined {
    if (typeof value !== "string" && typeof value !== "number") {
        return undefined;
    }
    const [, amount, unit = ""] = /^([+-]?\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(String(value)) ?? [];
    const factor = FACTORS[unit];
    return amount === undefined || factor === undefined
        ? undefined
        : Number((Number(amount) * factor).toPrecision(12));
}
