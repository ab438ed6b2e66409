import sdk from "@pulumi/command/package.json" with { type: "json" };
import { localCommand } from "./command/localCommand.ts";
import { serveStandIn } from "./standIn.ts";

await serveStandIn(sdk.pulumi, { "command:local:Command": localCommand });
