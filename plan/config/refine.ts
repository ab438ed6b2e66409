import { z } from "zod";
import * as fields from "./fields.ts";

/** A type of value with a check that says what is wrong and what to do. */
export function refine<T>(schema: z.ZodType<T, T>, check: fields.Check<T>) {
    return schema.superRefine((value, context) => {
        const explanation = check(value);
        if (!explanation) {
            return;
        }
        const { reason, fix } = explanation;
        context.addIssue({ code: "custom", message: reason, params: { fix } });
    });
}

/** How an IPv4 range looks, for editors; the check says more. */
const RANGE_PATTERN = "^\\d{1,3}(\\.\\d{1,3}){3}/\\d{1,2}$";

export const range = refine(z.string(), fields.range).meta({ pattern: RANGE_PATTERN });
export const image = refine(z.string(), fields.image);
export const whole = (...[lowest, highest, because]: Parameters<typeof fields.whole>) =>
    refine(z.number(), fields.whole(lowest, highest, because)).meta({
        type: "integer",
        minimum: lowest,
        maximum: highest,
    });
export const prefixLength = whole(1, 30, "a range needs two addresses for hosts");

/** A user's overrides of a chart's values. */
export const values = z.record(z.string(), z.unknown()).default({});
