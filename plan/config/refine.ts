import { z } from "zod";
import * as fields from "./fields.ts";

/** A type of value with a check that says what is wrong and what to do. */
export function refine<T>(schema: z.ZodType<T>, check: fields.Check<T>) {
    return schema.superRefine((value, context) => {
        const explanation = check(value);
        if (!explanation) {
            return;
        }
        const { reason, fix } = explanation;
        context.addIssue({ code: "custom", message: reason, params: { fix } });
    });
}

export const range = refine(z.string(), fields.range);
export const image = refine(z.string(), fields.image);
export const whole = (...bounds: Parameters<typeof fields.whole>) =>
    refine(z.number(), fields.whole(...bounds));
export const prefixLength = whole(1, 30, "a range needs two addresses for hosts");

/** A user's overrides of a chart's values. */
export const values = z.record(z.string(), z.unknown()).default({});
