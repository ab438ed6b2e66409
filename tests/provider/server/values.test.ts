import assert from "node:assert/strict";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import { UNKNOWN } from "../../../provider/resource.ts";
import type { Properties } from "../../../provider/resource.ts";
import { ask } from "../client.ts";
import { echoProvider, secret, URN, wire } from "../echoProvider.ts";

describe("the provider server", () => {
    const lab = echoProvider();

    describe("with values", () => {
        it("shows resources plain values and marks the same names as secret again", async () => {
            const answer = await lab.create({
                open: 1,
                nested: { list: [secret("s"), true, null] },
                hidden: secret({ a: "b" }),
            });
            assert.deepEqual(lab.calls[0]?.arguments, [
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
                lab.client.check(
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
            const answer = await lab.create(
                { list: "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2", text: UNKNOWN },
                true,
            );
            assert.equal(lab.calls[0]?.call.preview, true);
            assert.deepEqual(lab.calls[0].arguments, [{ list: UNKNOWN, text: UNKNOWN }]);
            assert.deepEqual(answer.getProperties()?.toJavaScript(), {
                list: UNKNOWN,
                text: UNKNOWN,
                token: secret(UNKNOWN),
            });
        });

        it("leaves undefined outputs out", async () => {
            lab.thing.create = async () => ({
                id: "x",
                outputs: { a: undefined } as unknown as Properties,
            });
            assert.deepEqual((await lab.create({})).getProperties()?.toJavaScript(), {});
        });
    });
});
