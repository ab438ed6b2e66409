import type { KubeObject } from "./manifest.ts";
import { upgradeRestores } from "./native.ts";

/** Fields that the server owns whatever a manifest says. */
const SERVER_OWNED = new Set(["status", "metadata.creationTimestamp", "metadata.namespace"]);

/** Fields that a controller fills in, by kind, whatever a manifest says. */
const CONTROLLER_OWNED: Record<string, RegExp> = {
    APIService: /^spec\.caBundle$/,
    CustomResourceDefinition: /^spec\.conversion$/,
    MutatingWebhookConfiguration: /^webhooks\[.*\]\.clientConfig\.caBundle$/,
    ValidatingWebhookConfiguration: /^webhooks\[.*\]\.clientConfig\.caBundle$/,
};

/** Texts that mean just themselves; elsewhere an empty one leaves the value to others, and "1000m" is "1". */
const PLAIN_TEXT = new RegExp(
    [
        /^(data|binaryData)\./,
        /(^|\.)metadata\.(labels|annotations)\./,
        /\.(nodeSelector|matchLabels|selector)\./,
        /\.env\[.*\]\.value$/,
        /^spec\.config$/,
    ]
        .map(({ source }) => source)
        .join("|"),
);

/**
 * Fields of Kubernetes' own kinds whose absence means something else than `false`, 0 or `{}`, and which the server stores
 * as they were written (pointers in its API, without a default): without automountServiceAccountToken, say, a pod has one.
 */
const MISSING_IS_ANOTHER = new RegExp(
    [
        ...["automountServiceAccountToken", "allowPrivilegeEscalation", "hostUsers"],
        ...["runAsNonRoot", "runAsUser", "runAsGroup", "fsGroup", "tolerationSeconds"],
        ...["ttlSecondsAfterFinished", "minAvailable", "maxUnavailable"],
        ...["stabilizationWindowSeconds", "namespaceSelector", "podSelector", "labelSelector"],
    ]
        .map((field) => `(^|\\.)${field}$`)
        .join("|"),
);

/** Maps with keys of someone's choice: every entry is stored, an empty text as well. */
const NAMED_TEXT = /^(data|binaryData)\.|\.(labels|annotations|nodeSelector|matchLabels)\./;

/** By which field the elements of a list are told apart; a list without any is compared in order. */
const MERGE_KEYS = ["name", "mountPath", "containerPort", "port"];

/**
 * The path of the first field in which `live` is not as `manifest` wants it, or undefined. What the manifest does not
 * mention may be anything: defaults, or what others added.
 */
export function firstDifference(manifest: KubeObject, live: KubeObject): string | undefined {
    return new Comparison(manifest).difference(live);
}

/** A JSON merge patch after which `live` has no difference any more; undefined if there is none now. */
export function mergePatch(manifest: KubeObject, live: KubeObject): object | undefined {
    return new Comparison(manifest).patch(live);
}

class Comparison {
    private readonly wanted: Fields;
    private readonly left: RegExp | undefined;
    private readonly native: boolean;

    constructor(manifest: KubeObject) {
        this.wanted = asStored(manifest);
        this.left = CONTROLLER_OWNED[manifest.kind];
        this.native = upgradeRestores(manifest);
    }

    difference(live: KubeObject): string | undefined {
        return this.between(this.wanted, live, "");
    }

    patch(live: KubeObject): object | undefined {
        return this.change(this.wanted, live, "") as object | undefined;
    }

    private between(wanted: unknown, live: unknown, path: string): string | undefined {
        if (this.isOthers(path) || isLeftOpen(wanted, path) || this.same(wanted, live, path)) {
            return undefined;
        }
        if (Array.isArray(wanted) && Array.isArray(live)) {
            return this.betweenLists(wanted, live, path);
        }
        if (isObject(wanted) && isObject(live)) {
            for (const [key, value] of Object.entries(wanted)) {
                const found = this.between(value, live[key], member(path, key));
                if (found !== undefined) {
                    return found;
                }
            }
            return undefined;
        }
        return path;
    }

    private betweenLists(wanted: unknown[], live: unknown[], path: string): string | undefined {
        const key = MERGE_KEYS.find((key) => wanted.every((one) => isObject(one) && key in one));
        if (key === undefined && wanted.length !== live.length) {
            return path;
        }
        for (const [index, element] of wanted.entries()) {
            const value = key && (element as Fields)[key];
            const label = `${path}[${key === undefined ? index : String(value)}]`;
            // The key alone may not tell: one port number can be listed for TCP and for UDP.
            const partners =
                key === undefined
                    ? [live[index]]
                    : live.filter((one) => isObject(one) && this.same(value, one[key], path));
            const found = (partners.length > 0 ? partners : [undefined]).map((partner) =>
                this.between(element, partner, label),
            );
            if (found.every((different) => different !== undefined)) {
                return found[0];
            }
        }
        return undefined;
    }

    /** What differs of `wanted`; lists as a whole, as a merge patch replaces them. */
    private change(wanted: unknown, live: unknown, path: string): unknown {
        if (this.between(wanted, live, path) === undefined) {
            return undefined;
        }
        if (!isObject(wanted) || !isObject(live)) {
            return wanted;
        }
        const changes = Object.entries(wanted)
            .map(([key, value]) => [key, this.change(value, live[key], member(path, key))])
            .filter(([, change]) => change !== undefined);
        return Object.fromEntries(changes) as object;
    }

    /** Equal as the server sees it: it drops empty values and rewrites quantities ("1000m" becomes "1"). */
    private same(wanted: unknown, live: unknown, path: string): boolean {
        if (wanted === live || (isEmpty(live) && this.isDropped(wanted, path))) {
            return true;
        }
        if (PLAIN_TEXT.test(path)) {
            return false;
        }
        const [a, b] = [quantity(wanted), quantity(live)];
        return a !== undefined && a === b;
    }

    /** Whether the server, or a controller that writes the object back, leaves such a value out. */
    private isDropped(wanted: unknown, path: string): boolean {
        if (NAMED_TEXT.test(path) || (this.native && MISSING_IS_ANOTHER.test(path))) {
            return false;
        }
        if (Array.isArray(wanted)) {
            return wanted.length === 0;
        }
        if (isObject(wanted)) {
            return Object.entries(wanted).every(([key, value]) =>
                this.isDropped(value, member(path, key)),
            );
        }
        return !wanted;
    }

    private isOthers(path: string): boolean {
        return SERVER_OWNED.has(path) || (this.left?.test(path) ?? false);
    }
}

/** A manifest in the form in which its object is stored. */
function asStored(manifest: KubeObject): Fields {
    if (manifest.kind === "Secret" && manifest["stringData"]) {
        const { stringData, ...rest } = manifest;
        const data = { ...(manifest["data"] as Record<string, string> | undefined) };
        for (const [key, text] of Object.entries(stringData as Record<string, string>)) {
            data[key] = Buffer.from(text).toString("base64");
        }
        return { ...rest, data };
    }
    // Nobody fills these in: one without configuration has to stay so, as Multus then takes the file on the node.
    if (manifest.kind === "NetworkAttachmentDefinition" && !manifest["spec"]) {
        return { ...manifest, spec: { config: "" } };
    }
    return manifest;
}

type Fields = Record<string, unknown>;

function isObject(value: unknown): value is Fields {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

function member(path: string, key: string): string {
    return path === "" ? key : `${path}.${key}`;
}

function isLeftOpen(wanted: unknown, path: string): boolean {
    return wanted === null || (wanted === "" && !PLAIN_TEXT.test(path));
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
    P: 1e15,
    E: 1e18,
    Ki: 2 ** 10,
    Mi: 2 ** 20,
    Gi: 2 ** 30,
    Ti: 2 ** 40,
    Pi: 2 ** 50,
    Ei: 2 ** 60,
};

/** The value of a Kubernetes quantity, rounded to what tells two of them apart. */
function quantity(value: unknown): number | undefined {
    if (typeof value !== "string" && typeof value !== "number") {
        return undefined;
    }
    const [, amount, unit = ""] =
        /^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)([A-Za-z]*)$/.exec(String(value)) ?? [];
    const factor = FACTORS[unit];
    return amount === undefined || factor === undefined
        ? undefined
        : Number((Number(amount) * factor).toPrecision(12));
}
