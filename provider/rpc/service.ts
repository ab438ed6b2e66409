import type { handleUnaryCall } from "@grpc/grpc-js";
import plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import type struct from "google-protobuf/google/protobuf/struct_pb.js";
import { equal } from "../equal.ts";
import { diffResponse } from "./diffResponse.ts";
import type { EngineLink } from "./engineLink.ts";
import { rpcFailure } from "./failure.ts";
import { decode, encode } from "./properties.ts";
import type { Call, Properties, ProviderDefinition, Resource } from "../resource.ts";
import { schemaOf } from "./packageSchema.ts";
import type { Work } from "./work.ts";

type AnyResource = Resource<Properties, Properties>;

/** What an operation on a resource works with. */
interface Operation<Q> {
    resource: AnyResource;
    request: Q;
    inputs: Properties;
    /** Names to mark as secret in the answer: the resource's own, and those of inputs that came as secrets. */
    secrets: Set<string>;
    call: Call;
}

/** The handlers of the ResourceProvider protocol. RPCs that are missing here answer "unimplemented". */
export function service(definition: ProviderDefinition, work: Work, engine: EngineLink) {
    const { DIFF_NONE, DIFF_SOME } = provider.DiffResponse.DiffChanges;

    /** The type of a resource is in its URN: `urn:pulumi:stack::project::parent$type::name`. */
    function resourceOf(urn: string): AnyResource {
        const token = urn.split("::")[2]?.split("$").pop() ?? "";
        const found = definition.resources[token] as AnyResource | undefined;
        if (!found) {
            throw new Error(`provider ${definition.name} has no resource type ${token} (${urn})`);
        }
        return found;
    }

    /** A handler for one resource operation, of which `inputsOf` finds the resource's inputs. */
    function operation<Q extends ResourceRequest, A>(
        inputsOf: (request: Q) => struct.Struct | undefined,
        body: (operation: Operation<Q>) => Promise<A>,
    ): handleUnaryCall<Q, A> {
        async function run(request: Q): Promise<A> {
            const urn = request.getUrn();
            const resource = resourceOf(urn);
            const inputs = decode(inputsOf(request));
            const secrets = new Set([...inputs.secrets, ...(resource.secrets ?? [])]);
            const preview = request.getPreview?.() ?? false;
            const log: Call["log"] = (severity, message) => {
                engine.log(urn, severity, message);
            };
            try {
                return await work.run(request.getTimeout?.() ?? 0, (signal) =>
                    body({
                        resource,
                        request,
                        inputs: inputs.properties,
                        secrets,
                        call: { urn, preview, signal, log },
                    }),
                );
            } catch (error) {
                throw rpcFailure(error, secrets);
            } finally {
                await engine.flush();
            }
        }
        return answering(run);
    }

    return {
        handshake: answering((request: provider.ProviderHandshakeRequest) => {
            engine.connect(request.getEngineAddress());
            return new provider.ProviderHandshakeResponse()
                .setAcceptSecrets(true)
                .setAcceptResources(true)
                .setAcceptOutputs(false);
        }),

        attach: answering((request: plugin.PluginAttach) => {
            engine.connect(request.getAddress());
            return new empty.Empty();
        }),

        getPluginInfo: answering(() => new plugin.PluginInfo().setVersion(definition.version)),

        getSchema: answering(async () =>
            new provider.GetSchemaResponse().setSchema(await schemaOf(definition)),
        ),

        checkConfig: answering((request: provider.CheckRequest) =>
            new provider.CheckResponse().setInputs(request.getNews()),
        ),

        diffConfig: answering((request: provider.DiffRequest) => {
            const [old, now] = [request.getOldInputs(), request.getNews()].map(
                (wire) => decode(wire).properties,
            );
            return new provider.DiffResponse().setChanges(equal(old, now) ? DIFF_NONE : DIFF_SOME);
        }),

        configure: answering(async (request: provider.ConfigureRequest) => {
            await definition.configure?.(decode(request.getArgs()).properties);
            return new provider.ConfigureResponse()
                .setAcceptsecrets(true)
                .setAcceptresources(true)
                .setSupportspreview(true)
                .setAcceptoutputs(false);
        }),

        cancel: answering(() => {
            work.cancel();
            return new empty.Empty();
        }),

        check: operation(
            (request: provider.CheckRequest) => request.getNews(),
            async ({ resource, inputs, secrets, call }) => {
                const checked = await resource.check(inputs, call);
                const failures = checked.failures.map(({ property, reason }) =>
                    new provider.CheckFailure().setProperty(property).setReason(reason),
                );
                return new provider.CheckResponse()
                    .setInputs(encode(checked.inputs, secrets))
                    .setFailuresList(failures);
            },
        ),

        diff: operation(
            (request: provider.DiffRequest) => request.getNews(),
            async ({ resource, request, inputs, call }) =>
                diffResponse(await resource.diff(recordedOf(request), inputs, call)),
        ),

        create: operation(
            (request: provider.CreateRequest) => request.getProperties(),
            async ({ resource, inputs, secrets, call }) => {
                const { id, outputs } = await resource.create(inputs, call);
                return new provider.CreateResponse()
                    .setId(id)
                    .setProperties(encode(outputs, secrets));
            },
        ),

        update: operation(
            (request: provider.UpdateRequest) => request.getNews(),
            async ({ resource, request, inputs, secrets, call }) =>
                new provider.UpdateResponse().setProperties(
                    encode(await resource.update(recordedOf(request), inputs, call), secrets),
                ),
        ),

        read: operation(
            (request: provider.ReadRequest) => request.getInputs(),
            async ({ resource, request, inputs, secrets, call }) => {
                const id = request.getId();
                const recorded = decode(request.getProperties());
                const outputs = recorded.properties;
                const found = await resource.read({ id, inputs, outputs }, call);
                const answer = new provider.ReadResponse();
                const hidden = [...secrets, ...recorded.secrets];
                // An answer without an id says that the resource is gone.
                return found
                    ? answer
                          .setId(id)
                          .setInputs(encode(found.inputs, secrets))
                          .setProperties(encode(found.outputs, hidden))
                    : answer;
            },
        ),

        delete: operation(
            (request: provider.DeleteRequest) => request.getOldInputs(),
            async ({ resource, request, inputs, call }) => {
                const outputs = decode(request.getProperties()).properties;
                await resource.delete({ id: request.getId(), inputs, outputs }, call);
                return new empty.Empty();
            },
        ),
    };
}

/** What the requests of all resource operations have in common. */
interface ResourceRequest {
    getUrn(): string;
    /** Seconds; 0 for no limit. */
    getTimeout?(): number;
    getPreview?(): boolean;
}

function recordedOf(request: provider.DiffRequest | provider.UpdateRequest) {
    return {
        id: request.getId(),
        inputs: decode(request.getOldInputs()).properties,
        outputs: decode(request.getOlds()).properties,
    };
}

/** A handler that sends what `body` returns or, as an error, what it throws. */
function answering<Q, A>(body: (request: Q) => A | Promise<A>): handleUnaryCall<Q, A> {
    return ({ request }, reply) => {
        (async () => body(request))().then(
            (answer) => {
                reply(null, answer);
            },
            (error: unknown) => {
                reply(rpcFailure(error));
            },
        );
    };
}
