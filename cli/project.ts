import { dirname, join } from "node:path";

/** This repository. */
export const PROJECT = join(import.meta.dirname, "..");

/** What this project keeps to itself: state, plugins, kubeconfigs. */
export const STATE_DIR = join(PROJECT, ".multinet");

/** The directory in which a command was typed: npm starts its scripts in the package's. */
export function typedIn(env: NodeJS.ProcessEnv = process.env, cwd: string = process.cwd()): string {
    const { npm_package_json: manifest, INIT_CWD: directory } = env;
    return manifest && directory && dirname(manifest) === cwd ? directory : cwd;
}

/** Read at the start, before this process goes to the project's directory. */
export const TYPED_IN = typedIn();

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

/** The user's shell has this, perhaps from `npm run env`; read before what that has set is forgotten. */
export const SHELL_KUBECONFIG = process.env["KUBECONFIG"];
