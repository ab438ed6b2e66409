import type { Engine, Limits, Runtime } from "./runtime.ts";

/** The engine that answers; throws if that is another one than was recorded. Nothing recorded fits every engine. */
export async function requireEngine(
    runtime: Runtime,
    recorded: string | undefined,
    limits: Limits,
    formerAddress?: string,
): Promise<Engine> {
    const engine = await runtime.engine(limits);
    if (recorded === undefined || recorded === engine.id) {
        return engine;
    }
    const before = formerAddress === undefined ? "" : `, which answered at ${formerAddress}`;
    throw new Error(
        `this stack lives in the container engine ${recorded}${before}; here ${runtime.name} leads to another one, ` +
            `${engine.id}, at ${engine.address}. Nothing was changed in either. Either lead ${runtime.name} back to the former ` +
            "one, or, if that is gone for good, have this stack forgotten (nothing is deleted) and made again here: " +
            "`pulumi stack rm --force --preserve-config STACK`, then `npm run up`",
    );
}
