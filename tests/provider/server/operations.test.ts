import assert from "node:assert/strict";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import { ask } from "../client.ts";
import { echoProvider, secret, URN, wire } from "../echoProvider.ts";

describe("the provider server", () => {
    const lab = echoProvider();

    describe("check", () => {
        it("reports each refused property", async () => {
            lab.thing.check = async (inputs) => ({
                inputs,
                failures: [{ property: "size", reason: "too small" }],
            });
            const answer = await ask<provider.CheckResponse>((reply) =>
                lab.client.check(new provider.CheckRequest().setUrn(URN).setNews(wire({})), reply),
            );
            assert.deepEqual(
                answer.getFailuresList().map((failure) => failure.toObject()),
                [{ property: "size", reason: "too small" }],
            );
        });
    });

    describe("diff", () => {
        it("hands over old inputs, old outputs and new inputs", async () => {
            const answer = await lab.diff({ a: 1 }, { a: 1, token: secret("t") }, { a: 2 });
            assert.deepEqual(lab.calls[0]?.arguments, [
                { id: "thing-1", inputs: { a: 1 }, outputs: { a: 1, token: "t" } },
                { a: 2 },
            ]);
            assert.equal(answer.getChanges(), provider.DiffResponse.DiffChanges.DIFF_NONE);
            assert.ok(answer.getHasdetaileddiff());
            assert.equal(answer.getDetaileddiffMap().getLength(), 0);
        });

        it("is detailed, and replaces only for the changes that say so", async () => {
            lab.thing.diff = async () => ({
                changes: {
                    "size.width": "update",
                    "container a.b (deleted)": "delete-replace",
                    label: "add",
                },
                deleteBeforeReplace: true,
                stables: ["token"],
            });
            const answer = await lab.diff({}, {}, {});
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
                lab.client.update(
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
            assert.equal(lab.calls[0]?.call.preview, true);
            assert.deepEqual(answer.getProperties()?.toJavaScript(), { a: 2, token: secret("t2") });
        });

        it("reads what is there, and answers without an id when it is gone", async () => {
            const read = () =>
                ask<provider.ReadResponse>((reply) =>
                    lab.client.read(
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
            lab.thing.read = async () => undefined;
            const gone = await read();
            assert.equal(gone.getId(), "");
            assert.ok(!gone.hasProperties());
        });

        it("keeps secret what is read and was secret, whatever made it so", async () => {
            const there = await ask<provider.ReadResponse>((reply) =>
                lab.client.read(
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
                lab.client.delete(
                    new provider.DeleteRequest()
                        .setUrn(URN)
                        .setId("thing-1")
                        .setOldInputs(wire({ a: 1 }))
                        .setProperties(wire({ b: 2 })),
                    reply,
                ),
            );
            assert.deepEqual(lab.calls[0]?.arguments, [
                { id: "thing-1", inputs: { a: 1 }, outputs: { b: 2 } },
            ]);
        });
    });
});
