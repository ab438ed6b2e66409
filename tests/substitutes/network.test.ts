import assert from "node:assert/strict";
import { initFailedOf } from "../provider/client.ts";
import { FakeEngine } from "./fakeEngine.ts";
import { secret, UNKNOWN } from "./plugin.ts";
import type { Plugin } from "./plugin.ts";

const NETWORK = "urn:pulumi:dev::lab::docker:index/network:Network::shared";

const INPUTS = {
    name: "lab-dev",
    driver: "bridge",
    ipamConfigs: [{ subnet: "10.9.0.0/22", gateway: "10.9.0.1" }],
    labels: [
        { label: "multinet.dev/stack", value: "dev" },
        { label: "multinet.dev/project", value: "lab=1" },
    ],
};

describe("the substitute for docker's Network", function () {
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

    it("checks its inputs", async () => {
        assert.deepEqual(await plugin.check(NETWORK, INPUTS), { inputs: INPUTS, failures: [] });
        const { failures } = await plugin.check(NETWORK, {
            checkDuplicate: true,
            ipamConfigs: [{ gateway: "10.9.0.1" }],
            labels: [{ label: "a=b", value: "c" }],
            internal: "yes",
            options: { a: 1 },
        });
        assert.deepEqual(
            failures.map(({ property }) => property),
            ["checkDuplicate", "internal", "ipamConfigs", "labels", "options", "name"],
        );
        const unknown = { name: UNKNOWN, ipamConfigs: [{ subnet: UNKNOWN }], labels: UNKNOWN };
        assert.deepEqual((await plugin.check(NETWORK, unknown)).failures, []);
    });

    it("is created as the inputs say", async () => {
        const { id, outputs } = await plugin.create(NETWORK, {
            ...INPUTS,
            internal: false,
            attachable: true,
            options: { "com.docker.network.driver.mtu": "1400" },
        });
        assert.deepEqual(engine.state.calls[0]?.args, [
            "network",
            "create",
            "--driver=bridge",
            "--attachable=true",
            "--internal=false",
            "--subnet=10.9.0.0/22",
            "--gateway=10.9.0.1",
            "--label=multinet.dev/stack=dev",
            "--label=multinet.dev/project=lab=1",
            "--opt=com.docker.network.driver.mtu=1400",
            "--",
            "lab-dev",
        ]);
        assert.deepEqual(Object.keys(engine.state.networks), [id]);
        assert.equal(outputs["scope"], "local");
        assert.equal(outputs["attachable"], true);
        assert.deepEqual(outputs["ipamConfigs"], INPUTS.ipamConfigs);
        assert.deepEqual(outputs["labels"], INPUTS.labels.toReversed());
    });

    it("touches nothing in preview and knows what is known", async () => {
        const { id, outputs } = await plugin.create(NETWORK, INPUTS, true);
        assert.equal(id, "");
        assert.equal(outputs["name"], "lab-dev");
        assert.equal(outputs["scope"], UNKNOWN);
        assert.deepEqual(outputs["ipamConfigs"], INPUTS.ipamConfigs);
        assert.deepEqual(engine.commands, []);
    });

    it("keeps secrets secret", async () => {
        const inputs = { ...INPUTS, options: secret({ key: "value" }) };
        const { outputs } = await plugin.create(NETWORK, inputs);
        assert.deepEqual(
            outputs["options"],
            secret({ "com.docker.network.enable_ipv4": "true", key: "value" }),
        );
    });

    it("says whose a network of the same name is, and how to adopt or remove it", async () => {
        const { id } = await plugin.create(NETWORK, INPUTS);
        const other = { ...INPUTS, ipamConfigs: [{ subnet: "10.9.4.0/22" }] };
        await assert.rejects(
            plugin.create(NETWORK, other),
            /network with name lab-dev already exists; it bears this stack's labels, but has 10\.9\.0\.0\/22 and not 10\.9\.4\.0\/22: .*have it adopted, or .*: docker network rm lab-dev$/,
        );
        const { networks } = engine.state;
        Object.assign(networks[id] ?? {}, {
            Labels: { "multinet.dev/stack": "other" },
            Containers: { a: { Name: "node1" }, b: { Name: "node2" } },
        });
        engine.reset({ networks });
        await assert.rejects(
            plugin.create(NETWORK, INPUTS),
            /belongs to someone else, .*: docker rm -f -v node1 node2 && docker network rm lab-dev$/,
        );
    });

    it("is recorded when it cannot be looked at, and looked at by the next update", async () => {
        engine.reset({ down: ["network inspect"] });
        const error: unknown = await plugin.create(NETWORK, INPUTS).catch((e: unknown) => e);
        const failed = initFailedOf(error);
        const [id = ""] = Object.keys(engine.state.networks);
        assert.equal(failed?.getId(), id);
        engine.reset({ networks: engine.state.networks });
        const half = { id, inputs: INPUTS, outputs: INPUTS };
        const { outputs } = await plugin.update(NETWORK, half, INPUTS);
        assert.equal(outputs["scope"], "local");
    });

    it("differs by its inputs alone, whatever their order, and every change replaces", async () => {
        const old = await plugin.create(NETWORK, INPUTS);
        engine.reset({ down: [""] });
        const same = { ...INPUTS, labels: INPUTS.labels.toReversed() };
        assert.deepEqual((await plugin.diff(NETWORK, old, same)).changed, []);
        const now = { ...INPUTS, ipamConfigs: [{ subnet: "10.9.4.0/22" }], internal: true };
        assert.deepEqual(await plugin.diff(NETWORK, old, now), {
            changed: ["internal", "ipamConfigs"],
            replaces: ["internal", "ipamConfigs"],
            deleteFirst: true,
        });
    });

    describe("refresh", () => {
        const inputs = { ...INPUTS, ipamConfigs: [{ subnet: "10.9.0.0/22" }] };

        it("finds no change where the engine only added what was left to it", async () => {
            const given = { ...inputs, options: { key: "value" } };
            const old = await plugin.create(NETWORK, given);
            const seen = await plugin.read(NETWORK, old);
            assert.deepEqual((await plugin.diff(NETWORK, seen ?? old, given)).changed, []);
            assert.deepEqual(seen?.outputs, old.outputs);
        });

        it("finds what is different", async () => {
            const old = await plugin.create(NETWORK, inputs);
            const { networks } = engine.state;
            Object.assign(networks[old.id] ?? {}, {
                Labels: { other: "owner" },
                IPAM: { Driver: "default", Config: [{ Subnet: "10.9.8.0/22" }] },
            });
            engine.reset({ networks });
            const seen = await plugin.read(NETWORK, old);
            assert.deepEqual((await plugin.diff(NETWORK, seen ?? old, inputs)).replaces, [
                "ipamConfigs",
                "labels",
            ]);
        });

        it("says that it is gone only if the engine says so", async () => {
            const old = await plugin.create(NETWORK, inputs);
            engine.reset({ down: [""] });
            await assert.rejects(
                plugin.read(NETWORK, old),
                /cannot look at docker network .*Cannot connect to the Docker daemon/,
            );
            engine.reset();
            assert.equal(await plugin.read(NETWORK, old), undefined);
        });
    });

    describe("import", () => {
        const read = (id: string) => plugin.read(NETWORK, { id, inputs: {}, outputs: {} });

        for (const [what, given] of [
            ["as the program describes it", INPUTS],
            ["with options", { ...INPUTS, internal: true, options: { mtu: "1400" } }],
        ] as const) {
            it(`finds a network ${what}, so that nothing is to be changed`, async () => {
                const made = await plugin.create(NETWORK, given);
                const found = await read(made.id);
                assert.equal(found?.id, made.id);
                assert.deepEqual(found.outputs, made.outputs);
                assert.deepEqual((await plugin.diff(NETWORK, found, given)).changed, []);
            });
        }

        it("finds nothing where nothing is, and says so only then", async () => {
            assert.equal(await read("x"), undefined);
            engine.reset({ down: [""] });
            await assert.rejects(read("x"), /cannot look at docker network x/);
        });
    });

    it("is deleted when its containers are gone, or already was", async () => {
        const old = await plugin.create(NETWORK, INPUTS);
        engine.reset({ networks: engine.state.networks, busy: 1 });
        await plugin.delete(NETWORK, old);
        assert.deepEqual(engine.state.networks, {});
        assert.deepEqual(engine.commands, ["network rm", "network inspect", "network rm"]);
        await plugin.delete(NETWORK, old);
    });

    it("is not called deleted when the engine does not answer", async () => {
        const old = await plugin.create(NETWORK, INPUTS);
        engine.reset({ networks: engine.state.networks, down: [""] });
        await assert.rejects(
            plugin.delete(NETWORK, old),
            /cannot delete docker network lab-dev: Cannot connect/,
        );
    });
});
