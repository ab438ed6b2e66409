import type { Stack } from "../../e2e/stack.ts";

/** What a kind of drift is made on: nodes edge1-control-plane, edge1-worker and edge2-control-plane. */
export interface Scene {
    stack: Stack;
    node: (name: string) => string;
    /** Runs a script on a node and returns what it says. */
    on: (node: string, script: string) => Promise<string>;
    kubectl: (cluster: string, ...args: string[]) => Promise<string>;
}

export interface Drift {
    what: string;
    /** Makes it. */
    make: (scene: Scene) => Promise<unknown>;
    /** Whether it is there now. */
    there: (scene: Scene) => Promise<boolean>;
    /** `agent`: healed on the node within seconds, with an Event. Otherwise what a preview says of it. */
    named: "agent" | RegExp;
    /** The resources that may be in that preview besides components; by their names. */
    only?: RegExp;
    /** Pods that are recreated by it or by its repair. */
    spared?: RegExp;
}
