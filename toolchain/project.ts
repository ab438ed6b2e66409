import { join } from "node:path";

/** This repository. */
export const PROJECT = join(import.meta.dirname, "..");

/** What this project keeps to itself: state, plugins, kubeconfigs. */
export const OWN = join(PROJECT, ".multinet");

/** The configuration file of a stack. */
export function configFileOf(stack: string): string {
    return join(PROJECT, `Pulumi.${stack}.yaml`);
}
