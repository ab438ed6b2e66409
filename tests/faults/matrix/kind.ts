import type { Random } from "../random.ts";
import type { Place, Scene } from "./scene.ts";

/** A fault of the data plane. */
export interface Kind {
    what: string;
    /** Makes it; returns how to undo it and, if that is not the node where it is made, what must be named. */
    make: (scene: Scene, at: Place, random: Random) => Promise<Made>;
    /** Which nodes it is made on, one after the other: all, or one that the seed chooses. */
    on?: "all";
}

export interface Made {
    undo: () => Promise<unknown>;
    named?: string;
}
