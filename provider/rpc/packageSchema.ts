import type { ProviderDefinition } from "../resource.ts";

/** The smallest schema the engine accepts: which resource types there are. Their types are in the SDK classes. */
export function schemaOf({ name, version, resources }: ProviderDefinition): string {
    return JSON.stringify({
        name,
        version,
        resources: Object.fromEntries(Object.keys(resources).map((token) => [token, {}])),
    });
}
