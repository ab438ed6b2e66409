/** Plain JSON-like property values, after secrets were unwrapped. */
export type Value = null | boolean | number | string | Value[] | { [key: string]: Value };
export type Properties = { [key: string]: Value };

/** What stands in a property whose value preview cannot know yet. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** One property that `check` refuses, with the reason a user reads. */
export interface CheckFailure {
    property: string;
    reason: string;
}

export type ChangeKind =
    "add" | "delete" | "update" | "add-replace" | "delete-replace" | "update-replace";

/** What would happen to one resource; keys of `changes` are property paths as preview shows them. */
export interface Difference {
    changes: Record<string, ChangeKind>;
    /** Delete the old one first: for everything with a fixed physical name. */
    deleteBeforeReplace?: boolean;
    /** Outputs that keep their value whatever the update does, so that preview knows them. */
    stables?: string[];
}

/** A resource as it was recorded: its inputs then, and the outputs that `create`, `read` or `update` returned. */
export interface Recorded<I, O> {
    id: string;
    inputs: I;
    outputs: O;
}

/** What a call may use besides its arguments. */
export interface Call {
    urn: string;
    /** True in `pulumi preview`: touch nothing, answer UNKNOWN where only the real run can tell. */
    preview: boolean;
    /** Aborted on cancellation (Ctrl-C) and when the call's own time is up. */
    signal: AbortSignal;
    /** Shows a line beside the resource in the engine's display. */
    log(severity: "info" | "warning" | "status", message: string): void;
}

/**
 * One resource type of a provider. `diff` may look at the live world, so that a plain `pulumi up` sees and heals
 * drift. No method may call a thing gone because the world did not answer: it throws instead.
 */
export interface Resource<I, O> {
    /** Property names whose outputs are secret. */
    secrets?: string[];
    check(
        inputs: Properties,
        call: Call,
    ): Promise<{ inputs: Properties; failures: CheckFailure[] }>;
    diff(old: Recorded<I, O>, inputs: I, call: Call): Promise<Difference>;
    create(inputs: I, call: Call): Promise<{ id: string; outputs: O }>;
    /** Undefined only on proof that it is gone. */
    read(recorded: Recorded<I, O>, call: Call): Promise<{ inputs: I; outputs: O } | undefined>;
    update(old: Recorded<I, O>, inputs: I, call: Call): Promise<O>;
    delete(recorded: Recorded<I, O>, call: Call): Promise<void>;
}

/** A provider: its package name, version and resource types by token (`pkg:module:Type`). */
export interface ProviderDefinition {
    name: string;
    version: string;
    // Each resource has its own input and output types; the server treats them as plain properties.
    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    resources: Record<string, Resource<any, any>>;
    /** Its package schema, as JSON. Without one, the schema has the names of the resource types. */
    schema?(): Promise<string>;
    /** Called once with the provider's configuration, before any resource call. */
    configure?(config: Properties): Promise<void>;
    /** Called once when the engine has done with it. */
    close?(): Promise<void>;
}

/** Thrown by `create` or `update` when the thing exists but is not whole, so that the engine records it. */
export class PartialFailure extends Error {
    readonly id: string;
    readonly outputs: Properties;
    constructor(message: string, id: string, outputs: Properties) {
        super(message);
        this.id = id;
        this.outputs = outputs;
    }
}
