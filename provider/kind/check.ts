import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { UNKNOWN } from "../resource.ts";
import type { CheckFailure, Properties } from "../resource.ts";
import { nodeNames, parseBytes, parseConfig } from "./spec.ts";
import type { KindConfig } from "./spec.ts";

const NAME = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/;
const LABEL_VALUE = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;
const REGISTRY = /^[A-Za-z0-9][A-Za-z0-9.-]*(:\d{1,5})?$/;

/** Bytes below which a control plane does not come up. */
const LEAST_MEMORY = 1 << 30;

/** Everything that is wrong with the inputs of a KindCluster. What is unknown yet counts as right. */
export function checkKindInputs(inputs: Properties): CheckFailure[] {
    const failures: CheckFailure[] = [];
    const refuse = (property: string, reason: string) => {
        failures.push({ property, reason });
    };
    const text = (property: string): string | undefined => {
        const value = inputs[property];
        if (typeof value === "string" && value !== "") {
            return value === UNKNOWN ? undefined : value;
        }
        refuse(property, `is ${JSON.stringify(value)}, but must be a text that is not empty`);
        return undefined;
    };

    const name = text("name");
    if (name !== undefined && !NAME.test(name)) {
        refuse("name", `is "${name}"; use lower-case letters, digits, "-" and "."`);
    }
    text("network");
    text("image");
    const path = text("kubeconfigPath");
    if (path !== undefined && resolve(path) === join(homedir(), ".kube", "config")) {
        refuse("kubeconfigPath", `is ${path}, your own kubeconfig; choose another file`);
    }
    const memory = text("memory");
    const bytes = memory === undefined ? undefined : parseBytes(memory);
    if (memory !== undefined && (bytes === undefined || bytes < LEAST_MEMORY)) {
        refuse("memory", `is "${memory}"; use a size of at least 1GiB, like "4GiB"`);
    }
    const runtime = text("runtime");
    if (runtime !== undefined && runtime !== "docker" && runtime !== "podman") {
        refuse("runtime", `is "${runtime}"; use "docker" or "podman"`);
    }
    const plugins = inputs["cniPlugins"];
    if (plugins !== undefined && plugins !== UNKNOWN && !isMountable(plugins)) {
        const reason = 'use the absolute path of a folder, without ":"';
        refuse("cniPlugins", `is ${JSON.stringify(plugins)}; ${reason}`);
    }
    const archives = inputs["archives"] ?? [];
    if (archives !== UNKNOWN && !isListOfTexts(archives)) {
        refuse("archives", `is ${JSON.stringify(archives)}; use a list of paths`);
    }
    failures.push(...checkRegistries(inputs["registries"]), ...checkOwner(inputs["owner"]));
    const config = text("config");
    if (config !== undefined) {
        for (const reason of checkConfig(config)) {
            refuse("config", reason);
        }
    }
    if (failures.length === 0 && config !== undefined && name !== undefined) {
        const expected = JSON.stringify(nodeNames(name, parseConfig(config)));
        const stated = JSON.stringify(inputs["nodes"]);
        if (stated !== JSON.stringify(UNKNOWN) && stated !== expected) {
            refuse("nodes", `is ${stated}, but this configuration makes ${expected}`);
        }
    }
    return failures;
}

/** Whether the container engines take it for a folder of this machine: a colon would end the path. */
function isMountable(folder: Properties[string]): boolean {
    return typeof folder === "string" && isAbsolute(folder) && !folder.includes(":");
}

function isListOfTexts(value: Properties[string]): boolean {
    return Array.isArray(value) && value.every((one) => typeof one === "string" && one !== "");
}

/** Their names become names of folders. */
function checkRegistries(registries: Properties[string] | undefined): CheckFailure[] {
    const hosts = registries === UNKNOWN ? [] : Object.keys(registries ?? {});
    return hosts
        .filter((host) => !REGISTRY.test(host))
        .map((host) => ({
            property: "registries",
            reason: `has the host ${JSON.stringify(host)}; use host or host:port`,
        }));
}

function checkOwner(owner: Properties[string] | undefined): CheckFailure[] {
    if (owner === UNKNOWN) {
        return [];
    }
    const { project, stack } = (owner ?? {}) as { project?: unknown; stack?: unknown };
    return Object.entries({ project, stack })
        .filter(([, value]) => typeof value !== "string" || !LABEL_VALUE.test(value))
        .map(([part, value]) => ({
            property: `owner.${part}`,
            reason: `is ${JSON.stringify(value)}, which cannot be a label; use up to 63 letters, digits, "-", "_", "."`,
        }));
}

function checkConfig(text: string): string[] {
    let config: KindConfig;
    try {
        config = parseConfig(text);
    } catch (error) {
        return [`cannot be read: ${(error as Error).message}`];
    }
    const reasons: string[] = [];
    if (config["kind"] !== "Cluster" || config["apiVersion"] !== "kind.x-k8s.io/v1alpha4") {
        reasons.push('must be of kind "Cluster", apiVersion "kind.x-k8s.io/v1alpha4"');
    }
    const nodes = config.nodes ?? [{ role: "control-plane" }];
    const leading = nodes.findIndex(({ role = "control-plane" }) => role === "control-plane");
    if (leading !== 0 || nodes.slice(1).some(({ role }) => role !== "worker")) {
        reasons.push("must list one control-plane node and then only workers");
    }
    if (nodes.slice(1).some((node) => Object.keys(node).join() !== "role")) {
        reasons.push(
            "gives a worker settings of its own; workers come and go in place and are all alike",
        );
    }
    return reasons;
}
