import { definition } from "./definition.ts";
import { serve } from "./server.ts";

await serve(definition);
