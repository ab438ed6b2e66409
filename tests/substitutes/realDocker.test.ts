import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { Plugin } from "./plugin.ts";

const NETWORK = "urn:pulumi:dev::lab::docker:index/network:Network::shared";
const IMAGE = "urn:pulumi:dev::lab::docker:index/remoteImage:RemoteImage::node";

/** Against the engine at DOCKER_HOST, with MULTINET_REAL=1 only. */
describe("the substitute for the docker plugin, with a real engine", function () {
    this.timeout(60_000);
    const inputs = {
        name: `multinet-substitute-${process.pid}`,
        driver: "bridge",
        ipamConfigs: [{ subnet: "10.255.252.0/24", gateway: "10.255.252.1" }],
        labels: [{ label: "multinet.dev/project", value: "a=b c" }],
        options: { "com.docker.network.driver.mtu": "1400" },
    };
    let plugin: Plugin | undefined;

    function docker(...args: string[]): string {
        return execFileSync("docker", args, { encoding: "utf8", stdio: "pipe" }).trim();
    }

    async function started(): Promise<Plugin> {
        return (plugin ??= await Plugin.start("docker"));
    }

    before(function () {
        if (process.env["MULTINET_REAL"] !== "1") {
            this.skip();
        }
    });
    after(async () => {
        await plugin?.stop();
    });

    it("makes a network, sees it, refuses a second one, deletes it", async () => {
        const engine = await started();
        const network = await engine.create(NETWORK, inputs);
        try {
            const seen = await engine.read(NETWORK, network);
            assert.deepEqual(seen, network);
            assert.deepEqual((await engine.diff(NETWORK, seen ?? network, inputs)).changed, []);
            assert.equal(docker("network", "inspect", "-f", "{{.Id}}", inputs.name), network.id);
            assert.deepEqual(network.outputs["labels"], inputs.labels);
            await assert.rejects(
                engine.create(NETWORK, inputs),
                /network with name multinet-substitute-\d+ already exists/,
            );
        } finally {
            await engine.delete(NETWORK, network);
        }
        await engine.delete(NETWORK, network);
        assert.equal(await engine.read(NETWORK, network), undefined);
    });

    it("fails with the engine's words for an image that is nowhere", async () => {
        const engine = await started();
        const name = "127.0.0.1:1/multinet/nowhere:1";
        await assert.rejects(
            engine.create(IMAGE, { name }),
            /cannot pull docker image .*127\.0\.0\.1:1/,
        );
        const none = { id: "x", inputs: { name }, outputs: { name } };
        assert.equal(await engine.read(IMAGE, none), undefined);
        await engine.delete(IMAGE, none);
    });
});
