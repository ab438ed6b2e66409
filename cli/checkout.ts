import { randomUUID } from "node:crypto";
import {
    mkdirSync,
    readFileSync,
    realpathSync,
    renameSync,
    statSync,
    writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { STATE_DIR } from "./project.ts";

/** What tells one checkout's state from another's; in `.multinet/checkout.json`. */
interface Checkout {
    id: string;
    /** Where the folder of the state was when it was last used. */
    folder: string;
}

/**
 * Notes whose state this is. Throws if the folder is a copy of one that is still there: both states name the same
 * clusters, and each would undo what the other does. One that was moved is noted under its new place.
 */
export function claimCheckout(stateDir = STATE_DIR): void {
    mkdirSync(stateDir, { recursive: true, mode: 0o700 });
    const folder = realpathSync(stateDir);
    const here = read(folder);
    if (here?.folder === folder) {
        return;
    }
    if (here && read(here.folder)?.id === here.id && !isSame(here.folder, folder)) {
        throw new Error(
            `This checkout is a copy of ${dirname(here.folder)}, its state included: both would work on the same ` +
                "clusters. Go on there, or choose:\n" +
                `  - a state of its own here, for stacks of other names:\n      rm -r ${["checkout.json", "state", "kubeconfigs"].map((name) => join(folder, name)).join(" ")}\n` +
                `  - to go on here and no longer there:\n      rm ${join(here.folder, FILE)}`,
        );
    }
    const checkout: Checkout = { id: here?.id ?? randomUUID(), folder };
    const partial = join(folder, `${FILE}.partial`);
    writeFileSync(partial, JSON.stringify(checkout), { mode: 0o600 });
    renameSync(partial, join(folder, FILE));
}

const FILE = "checkout.json";

/** Undefined where there is none, or a damaged one, which says nothing. */
function read(folder: string): Checkout | undefined {
    try {
        const found = JSON.parse(readFileSync(join(folder, FILE), "utf8")) as Checkout | null;
        return typeof found?.id === "string" && typeof found.folder === "string"
            ? found
            : undefined;
    } catch {
        return undefined;
    }
}

/** One folder may be seen at two places. */
function isSame(one: string, other: string): boolean {
    const [a, b] = [statSync(one), statSync(other)];
    return a.ino === b.ino && a.dev === b.dev;
}
