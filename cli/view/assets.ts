import { readFileSync } from "node:fs";
import { join } from "node:path";

const read = (name: string) => readFileSync(join(import.meta.dirname, name), "utf8");

/** Colours, and what a picture of the topology needs. */
export const TOPOLOGY_STYLE = read("topology.css");

/** What a page needs besides. */
export const STYLE = read("page.css");
export const SCRIPT = read("page.js");
