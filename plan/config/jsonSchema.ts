import { z } from "zod";
import { LONGEST_CLUSTER_NAME, LONGEST_NETWORK_NAME } from "../names.ts";
import { NETWORK_TYPES, sectionOf } from "../networks/types.ts";
import * as schema from "./schema.ts";

/**
 * A JSON schema of a stack file, by which editors complete and check it. It knows every key and the form of every value;
 * what values mean together, only a preview can tell.
 */
export function stackFileSchema(): object {
    const named = (type: z.ZodType, longest: number) => {
        const name = z
            .string()
            .regex(/^[a-z]([a-z0-9-]*[a-z0-9])?$/)
            .max(longest);
        return z.record(name, type);
    };
    const [first, ...more] = NETWORK_TYPES.map((type) => sectionOf(type));
    const config = z.looseObject({
        "multinet:clusters": named(
            schema.clusterSchema().nullable(),
            LONGEST_CLUSTER_NAME,
        ).describe("The clusters of the stack, by their names."),
        "multinet:networks": named(
            z.discriminatedUnion("type", [first!, ...more]),
            LONGEST_NETWORK_NAME,
        )
            .optional()
            .describe("The extra networks, by the names that pods write in their annotation."),
        "multinet:addresses": schema.addressesSchema
            .optional()
            .describe("Where clusters take their primary addresses from."),
        "multinet:bridge": schema.bridgeSchema
            .optional()
            .describe("The docker network that all nodes of the stack share."),
        "multinet:demo": schema.demoSchema
            .optional()
            .describe("The demo pods, by which the reachability of pods is shown."),
        "multinet:images": schema.imagesSchema.optional().describe("Where images come from."),
        "multinet:runtime": schema.runtimeSchema
            .default("docker")
            .describe("What runs the node containers."),
    });
    const file = z.looseObject({ config }).describe("A stack of multinet: Pulumi.<stack>.yaml");
    return z.toJSONSchema(file, { io: "input", unrepresentable: "any", target: "draft-7" });
}
