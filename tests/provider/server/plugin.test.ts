import assert from "node:assert/strict";
import { status } from "@grpc/grpc-js";
import plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import { ask } from "../client.ts";
import { echoProvider, failureOf, secret, URN, wire } from "../echoProvider.ts";

describe("the provider server", () => {
    const lab = echoProvider();

    describe("as a plugin", () => {
        it("tells its version and what it accepts", async () => {
            const info = await ask<plugin.PluginInfo>((reply) =>
                lab.client.getPluginInfo(new empty.Empty(), reply),
            );
            assert.equal(info.getVersion(), "1.2.3");
            const shaken = await ask<provider.ProviderHandshakeResponse>((reply) =>
                lab.client.handshake(
                    new provider.ProviderHandshakeRequest().setEngineAddress(
                        `127.0.0.1:${lab.running.port}`,
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
                lab.client.getSchema(new provider.GetSchemaRequest(), reply),
            );
            assert.deepEqual(JSON.parse(answer.getSchema()), {
                name: "lab",
                version: "1.2.3",
                resources: { "lab:index:Thing": {} },
            });
        });

        it("takes its configuration and passes it on without secret marks", async () => {
            const checked = await ask<provider.CheckResponse>((reply) =>
                lab.client.checkConfig(
                    new provider.CheckRequest().setNews(wire({ a: "b" })),
                    reply,
                ),
            );
            assert.deepEqual(checked.getInputs()?.toJavaScript(), { a: "b" });
            const answer = await ask<provider.ConfigureResponse>((reply) =>
                lab.client.configure(
                    new provider.ConfigureRequest().setArgs(wire({ key: secret("hidden") })),
                    reply,
                ),
            );
            assert.deepEqual(lab.configured, { key: "hidden" });
            assert.ok(answer.getSupportspreview() && answer.getAcceptsecrets());
            assert.ok(!answer.getAcceptoutputs());
        });

        it("compares its configuration", async () => {
            const compare = (old: object, now: object) =>
                ask<provider.DiffResponse>((reply) =>
                    lab.client.diffConfig(
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
                ask((reply) => lab.client.invoke(new provider.InvokeRequest(), reply)),
            );
            assert.equal(error.code, status.UNIMPLEMENTED);
        });

        it("refuses a resource type it does not have", async () => {
            const error = await failureOf(
                ask((reply) =>
                    lab.client.create(
                        new provider.CreateRequest().setUrn("urn:pulumi:dev::lab::lab:x:Y::z"),
                        reply,
                    ),
                ),
            );
            assert.match(error.details, /no resource type lab:x:Y/);
        });
    });

    describe("logging", () => {
        it("reaches the engine before the answer does", async () => {
            await ask((reply) =>
                lab.client.attach(
                    new plugin.PluginAttach().setAddress(`127.0.0.1:${lab.enginePort}`),
                    reply,
                ),
            );
            lab.thing.create = async (inputs, call) => {
                call.log("info", "found it");
                call.log("status", "50 %");
                call.log("warning", "careful");
                return { id: "x", outputs: inputs };
            };
            await lab.create({});
            assert.deepEqual(
                lab.logged.map(({ urn, message, severity, ephemeral }) => [
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
