import type {
    Properties,
    ProviderDefinition,
    Recorded,
    Resource,
} from "../../provider/resource.ts";
import { EngineLink } from "../../provider/rpc/engineLink.ts";
import { serve } from "../../provider/server.ts";

/** The official plugin that a substitute is for; `version` is the npm SDK's, which is also what the engine asks for. */
interface Plugin {
    name: string;
    version: string;
}

/** Runs the substitute as the engine's plugin. Whatever is not in `supported` is refused with the reason. */
export async function serveSubstitute(
    plugin: Plugin,
    supported: ProviderDefinition["resources"],
    configure: (config: Properties) => Promise<void> = async () => undefined,
): Promise<void> {
    const reason =
        `this is a substitute for the official ${plugin.name} plugin ${plugin.version}, ` +
        `because this machine cannot download it; it supports only ${Object.keys(supported).join(" and ")}`;
    const engine = new EngineLink();
    engine.connect(process.argv.at(-1));
    engine.log("", "warning", reason);
    const resources = new Proxy(supported, {
        get: (known, type: string) => known[type] ?? refusing(`${type} cannot be used: ${reason}`),
    });
    await serve({ ...plugin, resources, configure });
}

/** A resource type that can only be refused. */
function refusing(reason: string): Resource<Properties, Properties> {
    const refuse = async () => {
        throw new Error(reason);
    };
    return {
        check: async (inputs) => ({ inputs, failures: [{ property: "", reason }] }),
        diff: refuse,
        create: refuse,
        read: refuse,
        update: refuse,
        delete: refuse,
    };
}

/** Import and `.get()` read a resource of which nothing is recorded. */
export function refuseImport({ id, outputs }: Recorded<object, object>): void {
    if (Object.keys(outputs).length === 0) {
        throw new Error(`cannot read ${id}: the substitute can neither import nor get resources`);
    }
}
