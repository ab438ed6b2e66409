import { UNKNOWN } from "../../../provider/resource.ts";
import type { Call, Resource } from "../../../provider/resource.ts";
import { changesOf, checkInputs, flag, listOf, text } from "../inputs.ts";
import type { InputSchema } from "../inputs.ts";
import { refuseImport } from "../serve.ts";
import { saysAbsent, words } from "./cli.ts";
import type { DockerCli } from "./cli.ts";

type ImageInputs = {
    name: string;
    keepLocally?: boolean;
    forceRemove?: boolean;
    platform?: string;
    pullTriggers?: string[];
};

type ImageOutputs = ImageInputs & {
    imageId: string;
    /** `repository@sha256:...`; empty for an image that never was in a registry. */
    repoDigest: string;
};

/** The parts used of what `docker image inspect` prints. */
interface Inspected {
    Id: string;
    RepoDigests?: string[] | null;
}

const SCHEMA: InputSchema = {
    properties: {
        name: text,
        keepLocally: flag,
        forceRemove: flag,
        platform: text,
        pullTriggers: listOf(text),
    },
    required: ["name"],
    replacing: ["name", "platform", "pullTriggers"],
    unordered: ["pullTriggers"],
};

/** Milliseconds for a pull, as in the original. */
const PULL_TIMEOUT = 20 * 60_000;

/** `docker:index/remoteImage:RemoteImage`: an image that the engine has, pulled if it has not. */
export function remoteImage(docker: DockerCli): Resource<ImageInputs, ImageOutputs> {
    return {
        async check(given) {
            return checkInputs(SCHEMA, given);
        },

        async diff(old, inputs) {
            const changes = changesOf(SCHEMA, old.inputs, inputs);
            // Deletion goes by name, so after the creation it would hit the new image.
            return { changes, deleteBeforeReplace: true };
        },

        async create(inputs, call) {
            if (call.preview) {
                return { id: "", outputs: { ...inputs, imageId: UNKNOWN, repoDigest: UNKNOWN } };
            }
            const outputs = await obtain(docker, inputs, call);
            return { id: `${outputs.imageId}${inputs.name}`, outputs };
        },

        async read(recorded, call) {
            refuseImport(recorded);
            const outputs = await inspect(docker, recorded.inputs, call);
            return outputs && { inputs: recorded.inputs, outputs };
        },

        async update({ outputs: { imageId, repoDigest: digest } }, inputs, call) {
            return call.preview
                ? { ...inputs, imageId, repoDigest: digest }
                : obtain(docker, inputs, call);
        },

        async delete({ inputs: { name, keepLocally, forceRemove } }) {
            if (keepLocally) {
                return;
            }
            try {
                await docker.run(["image", "rm", ...(forceRemove ? ["--force"] : []), "--", name]);
            } catch (error) {
                if (!saysAbsent(error)) {
                    throw new Error(`cannot delete docker image ${name}: ${words(error)}`);
                }
            }
        },
    };
}

/** The image as it is here; undefined if it is not. */
async function inspect(
    docker: DockerCli,
    inputs: ImageInputs,
    call: Call,
): Promise<ImageOutputs | undefined> {
    const found = await docker.image<Inspected>(inputs.name, call.signal);
    return (
        found && {
            ...inputs,
            imageId: found.Id,
            repoDigest: repoDigest(inputs.name, found.RepoDigests ?? []),
        }
    );
}

/** The image as it is here, pulled only if it is not. */
async function obtain(docker: DockerCli, inputs: ImageInputs, call: Call): Promise<ImageOutputs> {
    const { name, platform } = inputs;
    const present = await inspect(docker, inputs, call);
    if (present) {
        return present;
    }
    call.log("status", `pulling ${name}`);
    const platformOption = platform === undefined ? [] : [`--platform=${platform}`];
    try {
        const options = { signal: call.signal, timeout: PULL_TIMEOUT };
        await docker.run(["pull", "--quiet", ...platformOption, "--", name], options);
    } catch (error) {
        throw new Error(`cannot pull docker image ${name}: ${words(error)}`);
    }
    const pulled = await inspect(docker, inputs, call);
    if (!pulled) {
        throw new Error(`docker image ${name} is not there although it was pulled`);
    }
    return pulled;
}

/** The digest under which the image's own repository knows it; the only one there is, if there is one. */
function repoDigest(name: string, digests: string[]): string {
    const repository = name.replace(/@.*$/, "").replace(/:[^/:]*$/, "");
    const own = digests.find((digest) => digest.startsWith(`${repository}@`));
    return own ?? (digests.length === 1 ? (digests[0] ?? "") : "");
}
