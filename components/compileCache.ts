import { enableCompileCache } from "node:module";
import { join } from "node:path";

// What Node made of the SDKs is kept beside the state: compiling them anew is a quarter of what a no-op costs.
enableCompileCache(join(import.meta.dirname, "..", ".multinet", "compiled"));
