import { rm } from "node:fs/promises";
import { resolve } from "node:path";
import { withLock } from "../system/lock.ts";
import { adoptOrBuild } from "./kind/adopt.ts";
import { removeScratch } from "./kind/build.ts";
import { checkKindInputs } from "./kind/check.ts";
import { consentFile, refuseReplacement } from "./kind/consent.ts";
import { inputChanges, liveChanges } from "./kind/drift.ts";
import { exists, kubeconfigFault, projectOf, removeKubeconfig } from "./kind/kubeconfigFile.ts";
import { expected, finish, present } from "./kind/outputs.ts";
import { repair } from "./kind/repair.ts";
import type { KindInputs, KindOutputs } from "./kind/spec.ts";
import { look, refuseForeign, byOwner } from "./kind/world.ts";
import { PartialFailure, UNKNOWN } from "./resource.ts";
import type { Call, Difference, Properties, Recorded, Resource } from "./resource.ts";
import { hasUnknown } from "./rpc/properties.ts";
import { requireEngine } from "./runtime/identity.ts";
import type { Runtime, RuntimeName } from "./runtime/runtime.ts";
import { runtime as runtimeOf } from "./runtime/runtimes.ts";

type Old = Recorded<KindInputs, KindOutputs>;

/** Milliseconds that a twin may take to finish a cluster. */
const LONGEST_WAIT = 20 * 60_000;

/** A kind cluster whose containers and kubeconfig file are compared with the real world in every diff. */
export class KindClusterResource implements Resource<KindInputs, KindOutputs> {
    readonly secrets = ["kubeconfig"];
    private readonly runtimes: (name: RuntimeName) => Runtime;

    constructor(runtimes: (name: RuntimeName) => Runtime = runtimeOf) {
        this.runtimes = runtimes;
    }

    async check(inputs: Properties) {
        return { inputs, failures: checkKindInputs(inputs) };
    }

    async diff(old: Old, inputs: KindInputs, call: Call): Promise<Difference> {
        const changes = inputChanges(old.inputs, inputs);
        if (!replaces(changes)) {
            const drift = await this.driftOf(old, inputs, call);
            Object.assign(changes, drift);
            if (Object.keys(drift).length > 0) {
                call.log("info", `drift: ${Object.keys(drift).join("; ")}`);
            }
        }
        const consent = consentFile();
        if (consent && replaces(changes) && (await this.isThere(old, call))) {
            await refuseReplacement(consent, old.inputs.name, changes);
        }
        const lasting = isComplete(old) && !replaces(changes);
        const stables = lasting ? ["ca", "endpoint", "kubeconfig"] : [];
        return { changes, deleteBeforeReplace: true, stables };
    }

    async create(inputs: KindInputs, call: Call) {
        if (call.preview) {
            return this.previewOf(inputs, call);
        }
        const runtime = this.runtimes(inputs.runtime);
        return locked(inputs, call, async (lock) => {
            refuseForeign(await look(runtime, inputs, call), inputs, runtime.name);
            try {
                await adoptOrBuild(runtime, inputs, call, lock);
                const outputs = await finish(runtime, inputs, call);
                return { id: inputs.name, outputs };
            } catch (error) {
                throw await asRecorded(runtime, inputs, error as Error);
            }
        });
    }

    async read({ id, inputs, outputs }: Old, call: Call) {
        if (Object.keys(inputs).length === 0) {
            throw new Error(
                `cluster ${id} cannot be imported; a cluster that this program describes is adopted by \`pulumi up\``,
            );
        }
        const runtime = this.runtimes(inputs.runtime);
        await requireEngine(runtime, inputs.engine, call);
        const { own } = await look(runtime, inputs, call, outputs.containers);
        // What is left of a cluster is still to be replaced, or deleted.
        if (own.length === 0 && !exists(inputs.kubeconfigPath)) {
            return undefined;
        }
        return { inputs, outputs: { ...outputs, ...present(own, inputs) } };
    }

    async update(old: Old, inputs: KindInputs, call: Call): Promise<KindOutputs> {
        const runtime = this.runtimes(inputs.runtime);
        const { containers } = old.outputs;
        if (call.preview) {
            if (!isComplete(old)) {
                return (await this.previewOf(inputs, call)).outputs;
            }
            const { own } = await look(runtime, inputs, call, containers);
            return expected(old.outputs, inputs, own);
        }
        return locked(inputs, call, async (lock) => {
            if (isComplete(old)) {
                await repair(runtime, inputs, old.inputs, call, containers);
            } else {
                await adoptOrBuild(runtime, inputs, call, lock);
            }
            const outputs = await finish(runtime, inputs, call, old.inputs.registries);
            await leaveFormerPlace(old, inputs, call);
            return outputs;
        });
    }

    async delete({ inputs, outputs }: Old, call: Call): Promise<void> {
        const runtime = this.runtimes(inputs.runtime);
        await requireEngine(runtime, inputs.engine, call);
        await locked(inputs, call, async () => {
            const { own, foreign } = await look(runtime, inputs, call, outputs.containers);
            for (const { name } of foreign) {
                call.log("warning", `container ${name} is not on ${inputs.network}: left alone`);
            }
            await runtime.remove(own, call);
            await removeFiles(inputs);
        });
    }

    /** Whether the cluster was completed and has its control plane still, so that a replacement loses something. */
    private async isThere(old: Old, call: Call): Promise<boolean> {
        const { inputs, outputs } = old;
        const [controlPlane = ""] = inputs.nodes;
        const found = await this.runtimes(inputs.runtime).containers(
            { names: [controlPlane] },
            call,
        );
        return isComplete(old) && byOwner(found, inputs, outputs.containers).own.length > 0;
    }

    /** A preview refuses what the real run would refuse. */
    private async previewOf(inputs: KindInputs, call: Call) {
        if (!hasUnknown(inputs)) {
            const world = await look(this.runtimes(inputs.runtime), inputs, call);
            refuseForeign(world, inputs, inputs.runtime);
            if (world.own.length > 0) {
                const found = world.own.map(({ name }) => name).join(", ");
                call.log("info", `${found}: there already, to be adopted`);
            }
        }
        const unknown = { kubeconfig: UNKNOWN, ca: UNKNOWN, endpoint: UNKNOWN };
        const maps = { nodeAddresses: UNKNOWN, containers: UNKNOWN } as unknown as Pick<
            KindOutputs,
            "nodeAddresses" | "containers"
        >;
        const id = hasUnknown(inputs.name) ? "" : inputs.name;
        return { id, outputs: { ...inputs, ...unknown, ...maps } };
    }

    private async driftOf(
        old: Old,
        inputs: KindInputs,
        call: Call,
    ): Promise<Difference["changes"]> {
        if (!isComplete(old)) {
            return { [`cluster ${inputs.name} (not completed)`]: "update" };
        }
        const runtime = this.runtimes(inputs.runtime);
        const [found, fault] = await Promise.all([
            runtime.containers({ names: old.inputs.nodes }, call),
            kubeconfigFault(old.inputs.kubeconfigPath, old.outputs.kubeconfig),
        ]);
        const world = byOwner(found, old.inputs, old.outputs.containers);
        refuseForeign(world, old.inputs, runtime.name);
        if (world.own.length < old.inputs.nodes.length) {
            await requireEngine(runtime, old.inputs.engine, call);
        }
        const changes = liveChanges(old, inputs, world.own);
        if (fault && old.inputs.kubeconfigPath === inputs.kubeconfigPath) {
            changes[`file ${inputs.kubeconfigPath} (${fault})`] = "update";
        }
        return changes;
    }
}

/** False after a creation that failed or was cancelled before the cluster's certificate authority was known. */
function isComplete({ outputs }: Old): boolean {
    return (outputs.ca as string | undefined) !== undefined;
}

function replaces(changes: Difference["changes"]): boolean {
    return Object.values(changes).some((kind) => kind.endsWith("-replace"));
}

function locked<T>(
    { name, kubeconfigPath }: KindInputs,
    call: Call,
    body: (lock: number) => Promise<T>,
): Promise<T> {
    const onWait = () => {
        call.log("info", `another run still works on cluster ${name}; waiting for it`);
    };
    return withLock(lockPath(kubeconfigPath), onWait, body, call.signal, LONGEST_WAIT);
}

function lockPath(kubeconfigPath: string): string {
    return resolve(`${kubeconfigPath}.lock`);
}

async function removeFiles(inputs: KindInputs): Promise<void> {
    await removeScratch(inputs);
    await rm(lockPath(inputs.kubeconfigPath), { force: true });
    await removeKubeconfig(inputs.kubeconfigPath);
}

/** Removes the kubeconfig file where it was before, unless that is another checkout, which may need it still. */
async function leaveFormerPlace({ inputs: old }: Old, now: KindInputs, call: Call): Promise<void> {
    const [from, to] = [resolve(old.kubeconfigPath), resolve(now.kubeconfigPath)];
    if (from === to) {
        return;
    }
    const owner = projectOf(from);
    if (owner === projectOf(to)) {
        await removeFiles(old);
    } else if (exists(from)) {
        call.log(
            "info",
            `${from} is left alone: it belongs to the project in ${owner ?? "no folder"}`,
        );
    }
}

/** If a failed creation left containers after all, the engine has to know of them, so that destroy finds them. */
async function asRecorded(runtime: Runtime, inputs: KindInputs, error: Error): Promise<Error> {
    const message = `cluster ${inputs.name} could not be made: ${error.message}`;
    const left = await look(runtime, inputs).catch(() => undefined);
    if (left?.own.length !== 0) {
        return new PartialFailure(message, inputs.name, inputs);
    }
    await removeFiles(inputs);
    return new Error(message);
}
