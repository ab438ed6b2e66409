import { parse } from "yaml";
import { z } from "zod";

/** What people read of a key: in messages, in docs/configuration.md and in schema/stack.json. */
export interface KeyText {
    /** One line of Markdown. */
    text: string;
    /** What one could write, as YAML; shown where a value has the wrong type. */
    example?: string;
    /** The default in words, where it is no fixed value. */
    otherwise?: string;
    /** Whether other keys depend on it: where it is wrong, its part cannot be judged further. */
    decides?: boolean;
}

const TEXTS = z.registry<KeyText>();

/** The type of a key, with what people read of it: the one place where a key is declared. */
export function key<T extends z.ZodType>(type: T, text: string, more: Omit<KeyText, "text"> = {}) {
    const examples =
        more.example === undefined ? {} : { examples: [parse(more.example) as unknown] };
    // A type of its own, as one may be that of several keys.
    const described = type.meta({ description: text, ...examples });
    TEXTS.add(described, { text, ...more });
    return described;
}

/** What was declared of a key; undefined for a type that is none. */
export function textOf(type: z.ZodType): KeyText | undefined {
    return TEXTS.get(type);
}
