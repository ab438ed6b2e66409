import type { Path } from "./problem.ts";

/** What a key asks of the machine's kernel and not every kernel has. */
export interface Need {
    /** The option by which a kernel has it, built in or as a module. */
    option: `CONFIG_${string}`;
    path: Path;
    value: unknown;
    /** What to write instead. */
    fix: string;
}
