import assert from "node:assert/strict";
import { Server, ServerCredentials, status } from "@grpc/grpc-js";
import type { ServiceError } from "@grpc/grpc-js";
import engineRpc from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import type engine from "@pulumi/pulumi/proto/engine_pb.js";
import type providerRpc from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import { PartialFailure, UNKNOWN } from "../../provider/resource.ts";
import type { Call, Properties, Recorded, Resource } from "../../provider/resource.ts";
import { listen } from "../../provider/server.ts";
import type { RunningProvider } from "../../provider/server.ts";
import { ask, connect, initFailedOf } from "./client.ts";

const URN = "urn:pulumi:dev::lab::lab:index:Parent$lab:index:Thing::one";
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const secret = (value: unknown) => ({ [SIGNATURE]: SECRET, value });
type Old = Recorded<Properties, Properties>;

const wire = (value: object) => struct.Struct.fromJavaScript(value as Properties);

/** A resource that echoes, with the last call it saw; single methods are replaced per test. */
let calls: { method: string; arguments: unknown[]; call: Call }[];
let thing: Resource<Properties, Properties>;

function note(method: string, call: Call, ...args: unknown[]) {
    calls.push({ method, arguments: args, call });
}

function echo(): Resource<Properties, Properties> {
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
            return { id: "thing-1", outputs: { ...inputs, token: call.preview ? UNKNOWN : "t" } };
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

describe("the provider server", () => {
    let running: RunningProvider;
    let client: providerRpc.ResourceProviderClient;
    let engineServer: Server;
    let enginePort: number;
    let logged: engine.LogRequest.AsObject[];
    let configured: Properties | undefined;

    before(async () => {
        engineServer = new Server();
        engineServer.addService(engineRpc.EngineService, {
            log(call: { request: engine.LogRequest }, reply: (e: null, a: empty.Empty) => void) {
                logged.push(call.request.toObject());
                reply(null, new empty.Empty());
            },
        });
        enginePort = await new Promise<number>((resolve, reject) => {
            engineServer.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (e, p) => {
                if (e) {
                    reject(e);
                } else {
                    resolve(p);
                }
            });
        });
        running = await listen(
            {
                name: "lab",
                version: "1.2.3",
                resources: {
                    // Whatever `thing` is in the test that runs.
                    "lab:index:Thing": {
                        secrets: ["token"],
                        check: (inputs, call) => thing.check(inputs, call),
                        diff: (old: Old, inputs: Properties, call) => thing.diff(old, inputs, call),
                        create: (inputs: Properties, call) => thing.create(inputs, call),
                        read: (recorded: Old, call) => thing.read(recorded, call),
                        update: (old: Old, inputs: Properties, call) =>
                            thing.update(old, inputs, call),
                        delete: (recorded: Old, call) => thing.delete(recorded, call),
                    },
                },
                async configure(config) {
                    configured = config;
                },
            },
            `127.0.0.1:${enginePort}`,
        );
        client = connect(running.port);
    });

    beforeEach(() => {
        calls = [];
        logged = [];
        thing = echo();
    });

    after(() => {
        client.close();
        running.stop();
        engineServer.forceShutdown();
    });

    const create = (properties: object, preview = false, timeout = 0) =>
        ask<provider.CreateResponse>((reply) =>
            client.create(
                new provider.CreateRequest()
                    .setUrn(URN)
                    .setProperties(wire(properties))
                    .setPreview(preview)
                    .setTimeout(timeout),
                reply,
            ),
        );
    const diff = (old: object, outputs: object, news: object) =>
        ask<provider.DiffResponse>((reply) =>
            client.diff(
                new provider.DiffRequest()
                    .setUrn(URN)
                    .setId("thing-1")
                    .setOldInputs(wire(old))
                    .setOlds(wire(outputs))
                    .setNews(wire(news)),
                reply,
            ),
        );
    const failureOf = (promise: Promise<unknown>): Promise<ServiceError> =>
        promise.then(
            () => assert.fail("the call should fail"),
            (error: unknown) => error as ServiceError,
        );

    describe("as a plugin", () => {
        it("tells its version and what it accepts", async () => {
            const info = await ask<plugin.PluginInfo>((reply) =>
                client.getPluginInfo(new empty.Empty(), reply),
            );
            assert.equal(info.getVersion(), "1.2.3");
            const shaken = await ask<provider.ProviderHandshakeResponse>((reply) =>
                client.handshake(
                    new provider.ProviderHandshakeRequest().setEngineAddress(
                        `127.0.0.1:${running.port}`,
                    ),
                    reply,
                ),
            );
            assert.deepEqual(
                [shaken.getAcceptSecrets(), shaken.getAcceptResources(), shaken.getAcceptOutputs()],
                [true, true, false],
            );
        });

        it("has a schema that names its resources", async () => {
            const answer = await ask<provider.GetSchemaResponse>((reply) =>
                client.getSchema(new provider.GetSchemaRequest(), reply),
            );
            assert.deepEqual(JSON.parse(answer.getSchema()), {
                name: "lab",
                version: "1.2.3",
                resources: { "lab:index:Thing": {} },
            });
        });

        it("takes its configuration and passes it on without secret marks", async () => {
            const checked = await ask<provider.CheckResponse>((reply) =>
                client.checkConfig(new provider.CheckRequest().setNews(wire({ a: "b" })), reply),
            );
            assert.deepEqual(checked.getInputs()?.toJavaScript(), { a: "b" });
            const answer = await ask<provider.ConfigureResponse>((reply) =>
                client.configure(
                    new provider.ConfigureRequest().setArgs(wire({ key: secret("hidden") })),
                    reply,
                ),
            );
            assert.deepEqual(configured, { key: "hidden" });
            assert.ok(answer.getSupportspreview() && answer.getAcceptsecrets());
            assert.ok(!answer.getAcceptoutputs());
        });

        it("compares its configuration", async () => {
            const compare = (old: object, now: object) =>
                ask<provider.DiffResponse>((reply) =>
                    client.diffConfig(
                        new provider.DiffRequest().setOldInputs(wire(old)).setNews(wire(now)),
                        reply,
                    ),
                );
            const { DIFF_NONE, DIFF_SOME } = provider.DiffResponse.DiffChanges;
            assert.equal((await compare({ a: 1 }, { a: 1 })).getChanges(), DIFF_NONE);
            assert.equal((await compare({ a: 1 }, { a: 2 })).getChanges(), DIFF_SOME);
        });

        it("answers unimplemented to what it does not offer", async () => {
            const error = await failureOf(
                ask((reply) => client.invoke(new provider.InvokeRequest(), reply)),
            );
            assert.equal(error.code, status.UNIMPLEMENTED);
        });

        it("refuses a resource type it does not have", async () => {
            const error = await failureOf(
                ask((reply) =>
                    client.create(
                        new provider.CreateRequest().setUrn("urn:pulumi:dev::lab::lab:x:Y::z"),
                        reply,
                    ),
                ),
            );
            assert.match(error.details, /no resource type lab:x:Y/);
        });
    });

    describe("with values", () => {
        it("shows resources plain values and marks the same names as secret again", async () => {
            const answer = await create({
                open: 1,
                nested: { list: [secret("s"), true, null] },
                hidden: secret({ a: "b" }),
            });
            assert.deepEqual(calls[0]?.arguments, [
                { open: 1, nested: { list: ["s", true, null] }, hidden: { a: "b" } },
            ]);
            assert.equal(answer.getId(), "thing-1");
            assert.deepEqual(answer.getProperties()?.toJavaScript(), {
                open: 1,
                nested: secret({ list: ["s", true, null] }),
                hidden: secret({ a: "b" }),
                token: secret("t"),
            });
        });

        it("keeps secret inputs secret through check", async () => {
            const answer = await ask<provider.CheckResponse>((reply) =>
                client.check(
                    new provider.CheckRequest()
                        .setUrn(URN)
                        .setNews(wire({ password: secret("p"), name: "n" })),
                    reply,
                ),
            );
            assert.deepEqual(answer.getInputs()?.toJavaScript(), {
                password: secret("p"),
                name: "n",
            });
        });

        it("shows every kind of unknown as one placeholder and says when it is a preview", async () => {
            const answer = await create(
                { list: "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2", text: UNKNOWN },
                true,
            );
            assert.equal(calls[0]?.call.preview, true);
            assert.deepEqual(calls[0].arguments, [{ list: UNKNOWN, text: UNKNOWN }]);
            assert.deepEqual(answer.getProperties()?.toJavaScript(), {
                list: UNKNOWN,
                text: UNKNOWN,
                token: secret(UNKNOWN),
            });
        });

        it("leaves undefined outputs out", async () => {
            thing.create = async () => ({
                id: "x",
                outputs: { a: undefined } as unknown as Properties,
            });
            assert.deepEqual((await create({})).getProperties()?.toJavaScript(), {});
        });
    });

    describe("check", () => {
        it("reports each refused property", async () => {
            thing.check = async (inputs) => ({
                inputs,
                failures: [{ property: "size", reason: "too small" }],
            });
            const answer = await ask<provider.CheckResponse>((reply) =>
                client.check(new provider.CheckRequest().setUrn(URN).setNews(wire({})), reply),
            );
            assert.deepEqual(
                answer.getFailuresList().map((failure) => failure.toObject()),
                [{ property: "size", reason: "too small" }],
            );
        });
    });

    describe("diff", () => {
        it("hands over old inputs, old outputs and new inputs", async () => {
            const answer = await diff({ a: 1 }, { a: 1, token: secret("t") }, { a: 2 });
            assert.deepEqual(calls[0]?.arguments, [
                { id: "thing-1", inputs: { a: 1 }, outputs: { a: 1, token: "t" } },
                { a: 2 },
            ]);
            assert.equal(answer.getChanges(), provider.DiffResponse.DiffChanges.DIFF_NONE);
            assert.ok(answer.getHasdetaileddiff());
            assert.equal(answer.getDetaileddiffMap().getLength(), 0);
        });

        it("is detailed, and replaces only for the changes that say so", async () => {
            thing.diff = async () => ({
                changes: {
                    "size.width": "update",
                    "container a.b (deleted)": "delete-replace",
                    label: "add",
                },
                deleteBeforeReplace: true,
                stables: ["token"],
            });
            const answer = await diff({}, {}, {});
            const { Kind } = provider.PropertyDiff;
            const kinds: Record<string, provider.PropertyDiff.Kind> = {};
            answer.getDetaileddiffMap().forEach((change, path) => {
                kinds[path] = change.getKind();
            });
            assert.deepEqual(kinds, {
                "size.width": Kind.UPDATE,
                '["container a.b (deleted)"]': Kind.DELETE_REPLACE,
                label: Kind.ADD,
            });
            assert.deepEqual(answer.getDiffsList(), ["size", "container a.b (deleted)", "label"]);
            assert.deepEqual(answer.getReplacesList(), ["container a.b (deleted)"]);
            assert.deepEqual(answer.getStablesList(), ["token"]);
            assert.ok(answer.getDeletebeforereplace());
            assert.equal(answer.getChanges(), provider.DiffResponse.DiffChanges.DIFF_SOME);
        });
    });

    describe("the other operations", () => {
        it("updates, in preview too", async () => {
            const answer = await ask<provider.UpdateResponse>((reply) =>
                client.update(
                    new provider.UpdateRequest()
                        .setUrn(URN)
                        .setId("thing-1")
                        .setOldInputs(wire({ a: 1 }))
                        .setOlds(wire({ a: 1, token: secret("t") }))
                        .setNews(wire({ a: 2 }))
                        .setPreview(true),
                    reply,
                ),
            );
            assert.equal(calls[0]?.call.preview, true);
            assert.deepEqual(answer.getProperties()?.toJavaScript(), { a: 2, token: secret("t2") });
        });

        it("reads what is there, and answers without an id when it is gone", async () => {
            const read = () =>
                ask<provider.ReadResponse>((reply) =>
                    client.read(
                        new provider.ReadRequest()
                            .setUrn(URN)
                            .setId("thing-1")
                            .setInputs(wire({ a: 1 }))
                            .setProperties(wire({ a: 1, token: "t" })),
                        reply,
                    ),
                );
            const there = await read();
            assert.equal(there.getId(), "thing-1");
            assert.deepEqual(there.getInputs()?.toJavaScript(), { a: 1 });
            assert.deepEqual(there.getProperties()?.toJavaScript(), { a: 1, token: secret("t") });
            thing.read = async () => undefined;
            const gone = await read();
            assert.equal(gone.getId(), "");
            assert.ok(!gone.hasProperties());
        });

        it("keeps secret what is read and was secret, whatever made it so", async () => {
            const there = await ask<provider.ReadResponse>((reply) =>
                client.read(
                    new provider.ReadRequest()
                        .setUrn(URN)
                        .setId("thing-1")
                        .setInputs(wire({ a: secret(1) }))
                        .setProperties(wire({ a: 1, b: { c: secret("x") } })),
                    reply,
                ),
            );
            assert.deepEqual(there.getInputs()?.toJavaScript(), { a: secret(1) });
            assert.deepEqual(there.getProperties()?.toJavaScript(), {
                a: secret(1),
                b: secret({ c: "x" }),
            });
        });

        it("deletes with the recorded inputs and outputs", async () => {
            await ask((reply) =>
                client.delete(
                    new provider.DeleteRequest()
                        .setUrn(URN)
                        .setId("thing-1")
                        .setOldInputs(wire({ a: 1 }))
                        .setProperties(wire({ b: 2 })),
                    reply,
                ),
            );
            assert.deepEqual(calls[0]?.arguments, [
                { id: "thing-1", inputs: { a: 1 }, outputs: { b: 2 } },
            ]);
        });
    });

    describe("when things fail", () => {
        it("passes the message on", async () => {
            thing.create = async () => {
                throw new Error("no room; remove something");
            };
            const error = await failureOf(create({}));
            assert.equal(error.details, "no room; remove something");
            assert.equal(initFailedOf(error), undefined);
        });

        it("sends a half-made resource along, its secrets marked", async () => {
            thing.create = async (inputs) => {
                throw new PartialFailure("made, but not ready", "thing-9", {
                    ...inputs,
                    token: "t",
                });
            };
            const failed = initFailedOf(await failureOf(create({ password: secret("p") })));
            assert.equal(failed?.getId(), "thing-9");
            assert.deepEqual(failed.getReasonsList(), ["made, but not ready"]);
            assert.deepEqual(failed.getProperties()?.toJavaScript(), {
                password: secret("p"),
                token: secret("t"),
            });
        });

        /** A create that ends only when its signal does; `started` resolves once it runs. */
        function blocking() {
            const started = Promise.withResolvers<void>();
            thing.create = (_, { signal }) =>
                new Promise((_resolve, reject) => {
                    signal.addEventListener("abort", () => {
                        reject(signal.reason as Error);
                    });
                    started.resolve();
                });
            return started.promise;
        }

        it("cancels the calls in progress", async () => {
            const started = blocking();
            const failures = [failureOf(create({})), failureOf(create({}))];
            await started;
            await ask((reply) => client.cancel(new empty.Empty(), reply));
            for (const error of await Promise.all(failures)) {
                assert.equal(error.details, "cancelled");
            }
            await running.work.idle();
            thing = echo();
            assert.equal((await create({})).getId(), "thing-1");
        });

        it("ends a call whose time is up", async () => {
            void blocking();
            const error = await failureOf(create({}, false, 0.05));
            assert.equal(error.details, "not done within its 0.05 seconds");
        });
    });

    describe("logging", () => {
        it("reaches the engine before the answer does", async () => {
            await ask((reply) =>
                client.attach(
                    new plugin.PluginAttach().setAddress(`127.0.0.1:${enginePort}`),
                    reply,
                ),
            );
            thing.create = async (inputs, call) => {
                call.log("info", "found it");
                call.log("status", "50 %");
                call.log("warning", "careful");
                return { id: "x", outputs: inputs };
            };
            await create({});
            assert.deepEqual(
                logged.map(({ urn, message, severity, ephemeral }) => [
                    urn,
                    message,
                    severity,
                    ephemeral,
                ]),
                [
                    [URN, "found it", 1, false],
                    [URN, "50 %", 1, true],
                    [URN, "careful", 2, false],
                ],
            );
        });
    });
});
