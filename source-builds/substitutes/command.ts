import sdk from "@pulumi/command/package.json" with { type: "json" };
import { localCommand } from "./command/localCommand.ts";
import { serveSubstitute } from "./serve.ts";

await serveSubstitute(sdk.pulumi, { "command:local:Command": localCommand });
