import { isSecret } from "../../provider/rpc/properties.ts";

/** What stands for a secret, as in Pulumi. */
export const HIDDEN = "[secret]";

/** Names of values that are credentials, whatever marks them. */
const CREDENTIAL =
    /(pass(word|wd|phrase)|secret|token|credential|(api|access|private|client|encryption|secret)[-_. ]?key)s?(-?data)?$|^(auth|authorization|kubeconfig)$/i;

/** Names of objects of which nothing is taken. */
const WHOLE = /^(kubeconfigs?|credentials?|auths?|secrets_providers)$/i;

/**
 * The same data without what Pulumi encrypted, in a state (a marked object) or a stack file (`secure:`), and without the
 * values whose names say that they are credentials.
 */
export function withoutSecrets(value: unknown, name = ""): unknown {
    if (Array.isArray(value)) {
        return value.map((one) => withoutSecrets(one, name));
    }
    if (typeof value === "string") {
        return CREDENTIAL.test(name) && value !== "" ? HIDDEN : hideInText(value);
    }
    if (typeof value !== "object" || value === null) {
        return value;
    }
    if (WHOLE.test(name) || isSecret(value) || Object.keys(value).join() === "secure") {
        return HIDDEN;
    }
    return Object.fromEntries(
        Object.entries(value).map(([key, inner]) => [key, withoutSecrets(inner, key)]),
    );
}

/** Texts by which a credential is known wherever it stands, and what is left of them. */
const PATTERNS: [RegExp, string][] = [
    [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g, HIDDEN],
    // Of a key in base64, as in a kubeconfig.
    [/LS0tLS1CRUdJTi[\w+/=]+/g, HIDDEN],
    [/\b(bearer|basic) [\w+/=.~-]{6,}/gi, `$1 ${HIDDEN}`],
    [/\beyJ[\w-]{8,}\.[\w-]+(\.[\w-]*)?/g, HIDDEN],
    // An access token of Pulumi's.
    [/\bpul-[\da-f]{30,}/g, HIDDEN],
    // Pulumi's ciphertexts: who knows the passphrase, which is empty by default, can read them.
    [/\bv1:[\w+/=]{8,}:[\w+/=]{8,}/g, HIDDEN],
    [/\b([a-z][a-z\d+.-]*:\/\/)[^\s/@"']+@/gi, `$1${HIDDEN}@`],
    [
        /((?:password|passwd|passphrase|token|secret|credential|auth|(?:api|access|private|client|secret)[-_]?key(?:-data)?)["']?\s*[:=]\s*["']?)(?!\[secret\])[^\s"',;}{[]{3,}/gi,
        `$1${HIDDEN}`,
    ],
];

/** The same text without credentials, as far as they are known by their form. */
export function hideInText(text: string): string {
    return PATTERNS.reduce((hidden, [pattern, left]) => hidden.replace(pattern, left), text);
}

/** Shorter texts are part of too many words. */
const SHORTEST = 6;

/** Hides these texts, too, wherever they stand. */
export function hiderOf(secrets: Iterable<string>): (text: string) => string {
    // A longer one may have a shorter one in it.
    const all = [...new Set(secrets)]
        .filter(({ length }) => length >= SHORTEST)
        .toSorted((a, b) => b.length - a.length);
    return (text) =>
        hideInText(all.reduce((hidden, secret) => hidden.replaceAll(secret, HIDDEN), text));
}

/** Values of an environment whose names say that they are credentials. */
export function credentialsIn(env: NodeJS.ProcessEnv): string[] {
    return Object.entries(env).flatMap(([name, value]) =>
        value && CREDENTIAL.test(name) ? [value, ...value.split("\n")] : [],
    );
}
