import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { credentialsIn } from "./withoutSecrets.ts";

/** Secrets that this machine knows of a stack, so that they can be hidden wherever they stand. */
export function knownSecrets(kubeconfigs: string, env: NodeJS.ProcessEnv): string[] {
    const files = existsSync(kubeconfigs)
        ? readdirSync(kubeconfigs, { recursive: true, encoding: "utf8" })
        : [];
    const passphrase = env["PULUMI_CONFIG_PASSPHRASE_FILE"];
    return [
        ...credentialsIn(env),
        ...files
            .filter((name) => name.endsWith(".yaml"))
            .flatMap((name) => valuesOf(textOf(join(kubeconfigs, name)))),
        ...(passphrase ? [textOf(passphrase).trim()] : []),
    ];
}

/** What logs in to a cluster, as it is in the file and as it is used. */
function valuesOf(kubeconfig: string): string[] {
    const found = kubeconfig.matchAll(
        /(?:client-(?:key|certificate)-data|token):\s*["']?([^\s"']+)/g,
    );
    return [...found].flatMap(([, value = ""]) => [value, Buffer.from(value, "base64").toString()]);
}

function textOf(file: string): string {
    try {
        return readFileSync(file, "utf8");
    } catch {
        return ""; // nobody can use what nobody can read
    }
}
