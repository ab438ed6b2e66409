import struct from "google-protobuf/google/protobuf/struct_pb.js";
import { UNKNOWN } from "../resource.ts";
import type { Properties, Value } from "../resource.ts";

/** Marks an object on the wire as something other than a plain object; its value says what. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** Whether this is a secret: in a state with its ciphertext, on the wire with its value. */
export function isSecret(value: object): boolean {
    return (value as Record<string, unknown>)[SIGNATURE] === SECRET;
}

/** The engine has one placeholder per type of an unknown value; resources see a single one. */
const UNKNOWNS = new Set([
    UNKNOWN,
    "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
    "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
    "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
    "030794c1-ac77-496b-92df-f27374a8bd58",
    "e48ece36-62e2-4504-bad9-02848725956a",
    "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

/** Plain properties, and the names of those that held a secret at any depth. */
export interface Decoded {
    properties: Properties;
    secrets: Set<string>;
}

export function decode(wire: struct.Struct | undefined): Decoded {
    const raw = wire?.toJavaScript() ?? {};
    const secrets = new Set<string>();
    const properties: Properties = {};
    for (const [name, value] of Object.entries(raw)) {
        properties[name] = plain(value, () => secrets.add(name));
    }
    return { properties, secrets };
}

function plain(value: Value, onSecret: () => void): Value {
    if (typeof value === "string") {
        return UNKNOWNS.has(value) ? UNKNOWN : value;
    }
    if (Array.isArray(value)) {
        return value.map((element) => plain(element, onSecret));
    }
    if (value === null || typeof value !== "object") {
        return value;
    }
    if (isSecret(value)) {
        onSecret();
        return plain(value["value"] ?? null, onSecret);
    }
    return Object.fromEntries(
        Object.entries(value).map(([name, inner]) => [name, plain(inner, onSecret)]),
    );
}

/** The wire form of `properties`, where those named in `secrets` are marked as secret. Undefined ones are left out. */
export function encode(properties: object, secrets: Iterable<string> = []): struct.Struct {
    const hidden = new Set(secrets);
    const marked: Properties = {};
    for (const [name, value] of Object.entries(withoutUndefined(properties))) {
        marked[name] = hidden.has(name) ? { [SIGNATURE]: SECRET, value } : value;
    }
    return struct.Struct.fromJavaScript(marked);
}

function withoutUndefined(properties: object): Properties {
    return JSON.parse(JSON.stringify(properties)) as Properties;
}

/** True if the value is unknown or has an unknown part. */
export function hasUnknown(value: Value | undefined): boolean {
    if (value === null || typeof value !== "object") {
        return value === UNKNOWN;
    }
    return Object.values(value).some(hasUnknown);
}
