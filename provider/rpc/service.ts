import plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import { answering } from "./answering.ts";
import { equal } from "../equal.ts";
import { diffResponse } from "./diffResponse.ts";
import type { EngineLink } from "./engineLink.ts";
import { Operations } from "./operations.ts";
import type { Operation } from "./operations.ts";
import { schemaOf } from "./packageSchema.ts";
import { decode, encode } from "./properties.ts";
import type { ProviderDefinition } from "../resource.ts";
import type { Work } from "./work.ts";

/** The handlers of the ResourceProvider protocol. RPCs that are missing here answer "unimplemented". */
export function service(definition: ProviderDefinition, work: Work, engine: EngineLink) {
    return {
        ...pluginHandlers(definition, work, engine),
        ...configurationHandlers(definition),
        ...resourceHandlers(new Operations(definition, work, engine)),
    };
}

function pluginHandlers(definition: ProviderDefinition, work: Work, engine: EngineLink) {
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

        cancel: answering(() => {
            work.cancel();
            return new empty.Empty();
        }),
    };
}

function configurationHandlers(definition: ProviderDefinition) {
    const { DIFF_NONE, DIFF_SOME } = provider.DiffResponse.DiffChanges;
    return {
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
    };
}

function resourceHandlers(operations: Operations) {
    return {
        check: operations.handler((request: provider.CheckRequest) => request.getNews(), check),
        diff: operations.handler((request: provider.DiffRequest) => request.getNews(), diff),
        create: operations.handler(
            (request: provider.CreateRequest) => request.getProperties(),
            create,
        ),
        update: operations.handler((request: provider.UpdateRequest) => request.getNews(), update),
        read: operations.handler((request: provider.ReadRequest) => request.getInputs(), read),
        delete: operations.handler(
            (request: provider.DeleteRequest) => request.getOldInputs(),
            remove,
        ),
    };
}

async function check({ resource, inputs, secrets, call }: Operation<provider.CheckRequest>) {
    const checked = await resource.check(inputs, call);
    const failures = checked.failures.map(({ property, reason }) =>
        new provider.CheckFailure().setProperty(property).setReason(reason),
    );
    return new provider.CheckResponse()
        .setInputs(encode(checked.inputs, secrets))
        .setFailuresList(failures);
}

async function diff({ resource, request, inputs, call }: Operation<provider.DiffRequest>) {
    return diffResponse(await resource.diff(recordedOf(request), inputs, call));
}

async function create({ resource, inputs, secrets, call }: Operation<provider.CreateRequest>) {
    const { id, outputs } = await resource.create(inputs, call);
    return new provider.CreateResponse().setId(id).setProperties(encode(outputs, secrets));
}

async function update(operation: Operation<provider.UpdateRequest>) {
    const { resource, request, inputs, secrets, call } = operation;
    const outputs = await resource.update(recordedOf(request), inputs, call);
    return new provider.UpdateResponse().setProperties(encode(outputs, secrets));
}

async function read(operation: Operation<provider.ReadRequest>) {
    const { resource, request, inputs, secrets, call } = operation;
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
}

async function remove({ resource, request, inputs, call }: Operation<provider.DeleteRequest>) {
    const outputs = decode(request.getProperties()).properties;
    await resource.delete({ id: request.getId(), inputs, outputs }, call);
    return new empty.Empty();
}

function recordedOf(request: provider.DiffRequest | provider.UpdateRequest) {
    return {
        id: request.getId(),
        inputs: decode(request.getOldInputs()).properties,
        outputs: decode(request.getOlds()).properties,
    };
}
