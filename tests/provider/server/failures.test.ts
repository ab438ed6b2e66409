import assert from "node:assert/strict";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import { PartialFailure } from "../../../provider/resource.ts";
import { ask, initFailedOf } from "../client.ts";
import { echoProvider, failureOf, secret } from "../echoProvider.ts";

describe("the provider server", () => {
    const lab = echoProvider();

    describe("when things fail", () => {
        it("passes the message on", async () => {
            lab.thing.create = async () => {
                throw new Error("no room; remove something");
            };
            const error = await failureOf(lab.create({}));
            assert.equal(error.details, "no room; remove something");
            assert.equal(initFailedOf(error), undefined);
        });

        it("sends a half-made resource along, its secrets marked", async () => {
            lab.thing.create = async (inputs) => {
                throw new PartialFailure("made, but not ready", "thing-9", {
                    ...inputs,
                    token: "t",
                });
            };
            const failed = initFailedOf(await failureOf(lab.create({ password: secret("p") })));
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
            lab.thing.create = (_, { signal }) =>
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
            const failures = [failureOf(lab.create({})), failureOf(lab.create({}))];
            await started;
            await ask((reply) => lab.client.cancel(new empty.Empty(), reply));
            for (const error of await Promise.all(failures)) {
                assert.equal(error.details, "cancelled");
            }
            await lab.running.work.idle();
            lab.thing = lab.echo();
            assert.equal((await lab.create({})).getId(), "thing-1");
        });

        it("ends a call whose time is up", async () => {
            void blocking();
            const error = await failureOf(lab.create({}, false, 0.05));
            assert.equal(error.details, "not done within its 0.05 seconds");
        });
    });
});
