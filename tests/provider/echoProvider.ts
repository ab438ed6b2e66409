import assert from "node:assert/strict";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import type { ServiceError } from "@grpc/grpc-js";
import engineRpc from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import type engine from "@pulumi/pulumi/proto/engine_pb.js";
import type providerRpc from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import { UNKNOWN } from "../../provider/resource.ts";
import type { Call, Properties, Recorded, Resource } from "../../provider/resource.ts";
import { listen } from "../../provider/server.ts";
import type { RunningProvider } from "../../provider/server.ts";
import { ask, connect } from "./client.ts";

export const URN = "urn:pulumi:dev::lab::lab:index:Parent$lab:index:Thing::one";
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
/** A value as the engine marks it secret. */
export const secret = (value: unknown) => ({ [SIGNATURE]: SECRET, value });
export const wire = (value: object) => struct.Struct.fromJavaScript(value as Properties);

type Thing = Resource<Properties, Properties>;
type Old = Recorded<Properties, Properties>;

/** Gives a `describe` a provider with one resource that echoes, and each of its tests a new one, with no calls yet. */
export function echoProvider(): EchoProvider {
    const lab = new EchoProvider();
    before(() => lab.start());
    beforeEach(() => {
        lab.calls = [];
        lab.logged = [];
        lab.thing = lab.echo();
    });
    after(() => {
        lab.stop();
    });
    return lab;
}

class EchoProvider {
    /** What was asked of the resource, and with what. */
    calls: { method: string; arguments: unknown[]; call: Call }[] = [];
    /** What reached the engine. */
    logged: engine.LogRequest.AsObject[] = [];
    /** Single methods are replaced per test. */
    thing!: Thing;
    configured: Properties | undefined;
    running!: RunningProvider;
    client!: providerRpc.ResourceProviderClient;
    enginePort!: number;
    private readonly engineServer = new Server();

    async start(): Promise<void> {
        this.enginePort = await this.engine();
        this.running = await listen(
            {
                name: "lab",
                version: "1.2.3",
                resources: { "lab:index:Thing": this.present() },
                configure: async (config) => {
                    this.configured = config;
                },
            },
            `127.0.0.1:${this.enginePort}`,
        );
        this.client = connect(this.running.port);
    }
    stop(): void {
        this.client.close();
        this.running.stop();
        this.engineServer.forceShutdown();
    }

    create(properties: object, preview = false, timeout = 0): Promise<provider.CreateResponse> {
        return ask((reply) =>
            this.client.create(
                new provider.CreateRequest()
                    .setUrn(URN)
                    .setProperties(wire(properties))
                    .setPreview(preview)
                    .setTimeout(timeout),
                reply,
            ),
        );
    }
    diff(old: object, outputs: object, news: object): Promise<provider.DiffResponse> {
        return ask((reply) =>
            this.client.diff(
                new provider.DiffRequest()
                    .setUrn(URN)
                    .setId("thing-1")
                    .setOldInputs(wire(old))
                    .setOlds(wire(outputs))
                    .setNews(wire(news)),
                reply,
            ),
        );
    }

    /** A resource that notes each call and gives back what it got. */
    echo(): Thing {
        const note = (method: string, call: Call, ...args: unknown[]) => {
            this.calls.push({ method, arguments: args, call });
        };
        return {
            secrets: ["token"],
            async check(inputs, call) {
                note("check", call, inputs);
                return { inputs, failures: [] };
            },
            async diff(old, inputs, call) {
                note("diff", call, old, inputs);
                return { changes: {} };
            },
            async create(inputs, call) {
                note("create", call, inputs);
                const token = call.preview ? UNKNOWN : "t";
                return { id: "thing-1", outputs: { ...inputs, token } };
            },
            async read(recorded, call) {
                note("read", call, recorded);
                return { inputs: recorded.inputs, outputs: recorded.outputs };
            },
            async update(old, inputs, call) {
                note("update", call, old, inputs);
                return { ...inputs, token: "t2" };
            },
            async delete(recorded, call) {
                note("delete", call, recorded);
            },
        };
    }

    /** Whatever `thing` is in the test that runs. */
    private present(): Thing {
        return {
            secrets: ["token"],
            check: (inputs, call) => this.thing.check(inputs, call),
            diff: (old: Old, inputs: Properties, call) => this.thing.diff(old, inputs, call),
            create: (inputs: Properties, call) => this.thing.create(inputs, call),
            read: (recorded: Old, call) => this.thing.read(recorded, call),
            update: (old: Old, inputs: Properties, call) => this.thing.update(old, inputs, call),
            delete: (recorded: Old, call) => this.thing.delete(recorded, call),
        };
    }

    /** Starts an engine that takes log messages, and tells its port. */
    private async engine(): Promise<number> {
        this.engineServer.addService(engineRpc.EngineService, {
            log: (
                call: { request: engine.LogRequest },
                reply: (e: null, a: empty.Empty) => void,
            ) => {
                this.logged.push(call.request.toObject());
                reply(null, new empty.Empty());
            },
        });
        return await new Promise<number>((resolve, reject) => {
            const credentials = ServerCredentials.createInsecure();
            this.engineServer.bindAsync("127.0.0.1:0", credentials, (error, port) => {
                if (error) {
                    reject(error);
                } else {
                    resolve(port);
                }
            });
        });
    }
}

/** How a call fails that must. */
export function failureOf(promise: Promise<unknown>): Promise<ServiceError> {
    return promise.then(
        () => assert.fail("the call should fail"),
        (error: unknown) => error as ServiceError,
    );
}
