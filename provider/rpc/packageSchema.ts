import type { ProviderDefinition } from "../resource.ts";

/** A provider's schema; where it has none, the smallest that the engine accepts: which resource types there are. */
export async function schemaOf(definition: ProviderDefinition): Promise<string> {
    if (definition.schema) {
        return definition.schema();
    }
    const { name, version, resources } = definition;
    return JSON.stringify({
        name,
        version,
        resources: Object.fromEntries(Object.keys(resources).map((token) => [token, {}])),
    });
}
