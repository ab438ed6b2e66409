import { z } from "zod";
import * as fields from "./fields.ts";

/** A type of value with a check that says what is wrong and what to do. */
export function checked<T>(schema: z.ZodType<T>, check: fields.Check<T>) {
    return schema.superRefine((value, context) => {
        const fault = check(value);
        if (!fault) {
            return;
        }
        const { reason, remedy } = fault;
        context.addIssue({ code: "custom", message: reason, params: { remedy } });
    });
}

export const range = checked(z.string(), fields.range);
export const image = checked(z.string(), fields.image);
export const whole = (...bounds: Parameters<typeof fields.whole>) =>
    checked(z.number(), fields.whole(...bounds));
export const prefixLength = whole(1, 30, "a range needs two addresses for hosts");

/** A user's overrides of a chart's values. */
export const values = z.record(z.string(), z.unknown()).default({});
