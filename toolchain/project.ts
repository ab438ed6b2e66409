import { join } from "node:path";

/** This repository. */
export const PROJECT = join(import.meta.dirname, "..");

/** What this project keeps to itself: state, plugins, kubeconfigs. */
export const OWN = join(PROJECT, ".multinet");

/** A stack, by its name and its configuration file. */
export interface StackFile {
    name: string;
    configFile: string;
}

/** The configuration file of a stack. */
export function configFileOf(stack: string): string {
    return join(PROJECT, `Pulumi.${stack}.yaml`);
}

/** A stack whose configuration file is where it belongs. */
export function stackNamed(name: string): StackFile {
    return { name, configFile: configFileOf(name) };
}
