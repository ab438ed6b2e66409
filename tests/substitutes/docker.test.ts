import assert from "node:assert/strict";
import sdk from "@pulumi/docker/package.json" with { type: "json" };
import { FakeEngine } from "./fakeEngine.ts";
import type { Plugin } from "./plugin.ts";

const NETWORK = "urn:pulumi:dev::lab::docker:index/network:Network::shared";

describe("the substitute for docker's plugin", function () {
    this.timeout(30_000);
    let engine: FakeEngine;
    let plugin: Plugin;

    before(async () => {
        engine = await FakeEngine.start();
        ({ plugin } = engine);
    });
    beforeEach(() => {
        engine.reset();
    });
    after(async () => {
        await engine.stop();
    });

    it("says loudly what it is, and has the version that the SDK asks for", async () => {
        assert.equal(await plugin.version(), sdk.version);
        await plugin.saw(
            /substitute for the official docker plugin 5\.2\.0, .* only \S+:Network and \S+:RemoteImage$/,
        );
    });

    it("refuses other types with the reason", async () => {
        const urn = "urn:pulumi:dev::lab::docker:index/container:Container::c";
        const { failures } = await plugin.check(urn, { image: "x" });
        assert.match(
            failures[0]?.reason ?? "",
            /^docker:index\/container:Container cannot be used: this is a substitute/,
        );
    });

    it("talks to the engine that the provider's host names, and refuses other settings", async () => {
        const hosts = () => engine.state.calls.map(({ host }) => host);
        await plugin.create(NETWORK, { name: "one" });
        assert.equal(hosts().at(-1), "unix:///from/environment");
        await plugin.configure({ version: "5.2.0", host: "unix:///from/config" });
        await plugin.create(NETWORK, { name: "two" });
        assert.equal(hosts().at(-1), "unix:///from/config");
        await assert.rejects(
            plugin.configure({ context: "remote" }),
            /does not support the provider setting context: .*DOCKER_HOST/,
        );
        await plugin.configure({ version: "5.2.0" });
    });
});
