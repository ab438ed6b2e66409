import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { Sandbox, skipUnless } from "./sandbox.ts";

const plugin = new URL("../../../charts/node-agent/files/netroutes", import.meta.url).pathname;

const prevResult = {
    cniVersion: "0.3.1",
    interfaces: [{ name: "net1", sandbox: "/run/netns/pod" }],
    ips: [{ version: "4", interface: 0, address: "10.245.1.9/32", gateway: "10.245.1.53" }],
    routes: [{ dst: "10.245.1.53/32" }],
    dns: {},
};
const config = {
    cniVersion: "0.3.1",
    name: "cilium",
    type: "netroutes",
    routes: [{ dst: "10.245.0.0/16", mtu: 1450 }],
    prevResult,
};
const EXPECTED_ROUTE = "10.245.0.0/16 dev net1 proto 200 scope link mtu 1450";

interface CniError {
    cniVersion: string;
    code: number;
    msg: string;
    details?: string;
}

describe("CNI plugin netroutes", function () {
    this.timeout(30_000);
    let box: Sandbox;
    let pod: string;

    before(function () {
        skipUnless(this, "bash", "jq", "nsenter");
    });

    beforeEach(function () {
        box = new Sandbox();
        pod = box.space();
        for (const [name, address] of [
            ["eth0", "192.168.1.9/24"],
            ["net1", "10.245.1.9/32"],
        ] as const) {
            box.ip(pod, `link add ${name} type veth peer name ${name}-peer`);
            box.ip(pod, `link set ${name}-peer up`);
            box.ip(pod, `link set ${name} up`);
            box.ip(pod, `addr add ${address} dev ${name}`);
        }
        box.ip(pod, "route add default via 192.168.1.1 dev eth0");
    });

    afterEach(async function () {
        await box.close();
    });

    function run(command: string, input: unknown, env: NodeJS.ProcessEnv = {}) {
        const { status, stdout } = spawnSync("bash", [plugin], {
            input: typeof input === "string" ? input : JSON.stringify(input),
            encoding: "utf8",
            env: {
                CNI_COMMAND: command,
                CNI_CONTAINERID: "pod1",
                CNI_NETNS: `/run/netns/${pod}`,
                CNI_IFNAME: "net1",
                CNI_PATH: "/opt/cni/bin",
                ...env,
            },
        });
        return { status, stdout };
    }

    /** What it says when it fails, which has to be an error as CNI defines it. */
    function failure(command: string, input: unknown, env?: NodeJS.ProcessEnv): CniError {
        const { status, stdout } = run(command, input, env);
        assert.notEqual(status, 0, stdout);
        return JSON.parse(stdout) as CniError;
    }

    /** Of the pod, sorted. */
    function routes(): string[] {
        const lines = box.ip(pod, "-4 route show").split("\n");
        return lines
            .map((line) => line.trim().replace(/ +/g, " "))
            .filter((line) => line !== "")
            .sort();
    }

    it("adds the route with its MTU, leaves the others alone and hands the result on", function () {
        const before = routes();
        const { status, stdout } = run("ADD", config);
        assert.equal(status, 0, stdout);
        assert.deepEqual(routes(), [...before, EXPECTED_ROUTE].sort());
        assert.deepEqual(JSON.parse(stdout), {
            ...prevResult,
            routes: [...prevResult.routes, { dst: "10.245.0.0/16" }],
        });
    });

    it("takes several routes, none, and a result without any", function () {
        const bare = { ...prevResult, routes: undefined };
        const two = [{ dst: "10.245.0.0/16" }, { dst: "224.0.0.0/4", mtu: 1400 }];
        const added = run("ADD", { ...config, routes: two, prevResult: bare });
        assert.deepEqual((JSON.parse(added.stdout) as { routes: unknown }).routes, [
            { dst: "10.245.0.0/16" },
            { dst: "224.0.0.0/4" },
        ]);
        assert.ok(routes().includes("224.0.0.0/4 dev net1 proto 200 scope link mtu 1400"));
        const none = run("ADD", { ...config, routes: [] });
        assert.equal(none.status, 0, none.stdout);
        assert.deepEqual(JSON.parse(none.stdout), prevResult);
    });

    it("can be asked twice, and puts a wrong route right", function () {
        run("ADD", config);
        box.ip(pod, "route replace 10.245.0.0/16 dev net1 scope link");
        assert.equal(run("ADD", config).status, 0);
        assert.ok(routes().includes(EXPECTED_ROUTE));
    });

    it("checks: silent if all is well, otherwise it says which route is missing or wrong", function () {
        run("ADD", config);
        assert.deepEqual(run("CHECK", config), { status: 0, stdout: "" });
        box.ip(pod, "route del 10.245.0.0/16 proto 200");
        const missing = failure("CHECK", config);
        assert.equal(missing.code, 101);
        assert.match(missing.msg, /no route 10\.245\.0\.0\/16 through net1 with MTU 1450/);
        box.ip(pod, "route add 10.245.0.0/16 dev net1 scope link proto 200 mtu 1500");
        assert.equal(failure("CHECK", config).code, 101);
    });

    it("does nothing at DEL, whatever is left of the pod", function () {
        run("ADD", config);
        assert.deepEqual(run("DEL", config), { status: 0, stdout: "" });
        assert.deepEqual(run("DEL", config, { CNI_NETNS: "" }), { status: 0, stdout: "" });
        assert.ok(routes().includes(EXPECTED_ROUTE));
    });

    it("tells its versions", function () {
        const { status, stdout } = run("VERSION", { cniVersion: "1.0.0" });
        assert.equal(status, 0);
        const said = JSON.parse(stdout) as { cniVersion: string; supportedVersions: string[] };
        assert.equal(said.cniVersion, "1.0.0");
        assert.ok(said.supportedVersions.includes("0.3.1"));
    });

    it("fails the ADD when the kernel refuses, with its words", function () {
        const error = failure("ADD", config, { CNI_IFNAME: "net7" });
        assert.equal(error.cniVersion, "0.3.1");
        assert.equal(error.code, 100);
        assert.match(error.msg, /^netroutes: route 10\.245\.0\.0\/16 through net7/);
        assert.match(error.details ?? "", /net7/);
        assert.match(
            failure("ADD", config, { CNI_NETNS: "/run/netns/gone" }).details ?? "",
            /gone/,
        );
    });

    it("refuses what it cannot work with, and changes nothing then", function () {
        const before = routes();
        const unchained = { ...config, prevResult: undefined };
        assert.equal(failure("ADD", "{").code, 6);
        assert.equal(failure("ADD", config, { CNI_NETNS: "" }).code, 4);
        assert.equal(failure("REMOVE", config).code, 4);
        assert.match(failure("ADD", unchained).details ?? "", /behind the plugin/);
        for (const route of [
            { dst: "10.245.0.0/16; reboot" },
            { dst: "$(reboot)/8" },
            { dst: "-batch" },
            {},
            { dst: "10.245.0.0/16", mtu: "1450; reboot" },
            { dst: "10.245.0.0/16", mtu: 1 },
        ]) {
            const error = failure("ADD", { ...config, routes: [route] });
            assert.equal(error.code, 7, JSON.stringify(route));
            assert.match(error.details ?? "", /is not an/);
        }
        assert.deepEqual(routes(), before);
    });
});
