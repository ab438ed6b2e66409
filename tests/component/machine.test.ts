import assert from "node:assert/strict";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readArchives } from "../../stack/archives.ts";
import {
    bridgeMtu,
    bridgeProblems,
    bridgeToAdopt,
    bridgeWarning,
    rangeProblems,
    rangeWarning,
    runtimeProblems,
} from "../../stack/machine.ts";
import { rangesInUse } from "../../provider/runtime/hostRanges.ts";
import { planTopology } from "../../plan/planTopology.ts";
import { validateConfig } from "../../plan/config/validate.ts";

const owner = { project: "multinet", stack: "unit" };

describe("the stack's network on this machine", () => {
    const result = validateConfig({ clusters: { edge1: {} } }, owner);
    assert.ok("topology" in result);
    const plan = planTopology(result.topology, owner);
    const { name, subnet, gateway } = plan.bridge;
    const network = { id: "1", name, driver: "bridge", subnets: [subnet], gateway, labels: {} };

    it("is adopted if it is as planned, and only then", () => {
        const adopted = (change: object) =>
            bridgeToAdopt({ own: [{ ...network, ...change }], foreign: [] }, plan.bridge);
        assert.equal(adopted({}), "1");
        for (const change of [
            { name: "other" },
            { driver: "macvlan" },
            { subnets: ["10.9.9.0/24"] },
            { subnets: [subnet, "fd00::/64"] },
            { gateway: undefined },
        ]) {
            assert.equal(adopted(change), undefined, JSON.stringify(change));
        }
        assert.equal(bridgeToAdopt({ own: [], foreign: [network] }, plan.bridge), undefined);
    });

    it("is named with its subnet when that is another than planned", () => {
        assert.equal(bridgeWarning({ own: [network], foreign: [] }, plan), undefined);
        assert.equal(bridgeWarning({ own: [], foreign: [] }, plan), undefined);
        const other = { ...network, subnets: ["10.9.8.0/24"] };
        assert.match(
            bridgeWarning({ own: [other], foreign: [] }, plan) ?? "",
            /multinet-unit has 10\.9\.8\.0\/24, not .*config set --path bridge\.subnet 10\.9\.8\.0\/24$/,
        );
    });

    it("is made with the MTU of the engine's default network, and keeps what it has", () => {
        const usual = { ...network, name: "bridge", mtu: 1500 };
        const small = { ...usual, mtu: 1400 };
        assert.equal(bridgeMtu({ own: [], foreign: [] }), undefined);
        assert.equal(bridgeMtu({ own: [], foreign: [usual] }), undefined);
        assert.equal(bridgeMtu({ own: [], foreign: [{ ...network, mtu: 900 }, small] }), 1400);
        assert.equal(bridgeMtu({ own: [network], foreign: [small] }), undefined);
        assert.equal(bridgeMtu({ own: [{ ...network, mtu: 9000 }], foreign: [small] }), 9000);
    });

    it("is refused when it is someone else's, with the way out", () => {
        assert.deepEqual(bridgeProblems({ own: [network], foreign: [] }, plan), []);
        const [problem, ...more] = bridgeProblems({ own: [], foreign: [network] }, plan);
        assert.match(problem?.reason ?? "", /without the labels of stack "unit".*left alone/);
        assert.match(problem?.fix ?? "", /docker network rm multinet-unit$/);
        assert.deepEqual(more, []);
    });
});

describe("ranges that this machine uses", () => {
    const config = { clusters: { edge1: {} } };
    const result = validateConfig(config, owner);
    assert.ok("topology" in result);
    const planned = { topology: result.topology, config };
    const { name, subnet, gateway } = planTopology(result.topology, owner).bridge;
    const bridge = { id: "1", name, driver: "bridge", subnets: [subnet], gateway, labels: {} };
    const other = { ...bridge, id: "2", name: "lab", subnets: ["10.3.0.0/16"] };
    const vpn = { cidr: "10.8.0.0/24", device: "tun0" };

    it("refuse a stack that is new", () => {
        const networks = { own: [], foreign: [] };
        const used = rangesInUse(networks, [vpn]);
        const [problem, ...more] = rangeProblems(networks, planned, used);
        assert.equal(problem?.key, "networks.data-plane.cidr");
        assert.match(
            problem?.fix ?? "",
            /pulumi config set --path networks\.data-plane\.cidr 10\./,
        );
        assert.deepEqual(more, []);
        assert.equal(rangeWarning(networks, planned, used), undefined);
    });

    it("are a warning for a stack that is there, as with a VPN that was started later", () => {
        const networks = { own: [bridge], foreign: [] };
        const used = rangesInUse(networks, [vpn]);
        assert.deepEqual(rangeProblems(networks, planned, used), []);
        assert.match(
            rangeWarning(networks, planned, used) ?? "",
            /10\.8\.0\.0\/24 \(a route of this machine through tun0\).*keeps them.*do not reach/,
        );
    });

    it("are named with the routing table, and once if it is that of a container network", () => {
        const networks = { own: [], foreign: [other] };
        const routes = [
            { cidr: "10.3.0.0/16", device: "br-2" },
            { ...vpn, table: "51820" },
        ];
        assert.deepEqual(
            rangesInUse(networks, routes).map(({ what }) => what),
            ['the container network "lab"', "a route of this machine through tun0, table 51820"],
        );
    });

    it("are not those of the stack's network, nor of routes that lead to its nodes", () => {
        const networks = { own: [bridge], foreign: [] };
        const routes = [
            { cidr: subnet, device: "br-1" },
            { cidr: "10.1.1.0/24", device: "br-1", gateway },
        ];
        assert.deepEqual(rangesInUse(networks, routes), []);
        assert.equal(rangesInUse({ own: [], foreign: [] }, routes).length, 2);
    });
});

describe("the engine behind Docker's API", () => {
    const { PATH: path, DOCKER_HOST: host } = process.env;
    let folder = "";

    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), "multinet-docker-"));
        process.env["PATH"] = folder;
        delete process.env["DOCKER_HOST"];
    });
    afterEach(() => {
        process.env["PATH"] = path;
        delete process.env["DOCKER_HOST"];
        if (host !== undefined) {
            process.env["DOCKER_HOST"] = host;
        }
        rmSync(folder, { recursive: true });
    });

    /** A docker client whose server names these components; without any, none answers. */
    function docker(...components: string[]): void {
        const said = JSON.stringify(components.map((Name) => ({ Name })));
        const file = join(folder, "docker");
        writeFileSync(
            file,
            components.length > 0 ? `#!/bin/sh\necho '${said}'\n` : "#!/bin/false\n",
        );
        chmodSync(file, 0o755);
    }

    it("is Podman where Podman is the runtime", async () => {
        docker("Podman Engine", "Conmon");
        assert.deepEqual(await runtimeProblems("podman"), []);
    });

    it("is asked by its socket, on a machine without docker's client", async () => {
        let components = [{ Name: "Podman Engine" }];
        const server = createServer((_, response) => {
            response.end(JSON.stringify({ Components: components }));
        });
        const socket = join(folder, "podman.sock");
        await once(server.listen(socket), "listening");
        process.env["DOCKER_HOST"] = `unix://${socket}`;
        try {
            assert.deepEqual(await runtimeProblems("podman"), []);
            components = [{ Name: "Engine" }];
            assert.equal((await runtimeProblems("podman")).length, 1);
        } finally {
            server.closeAllConnections();
            server.close();
        }
        assert.equal((await runtimeProblems("podman")).length, 1);
    });

    for (const [what, components] of [
        ["another one", ["Engine", "containerd"]],
        ["none", []],
    ] as const) {
        it(`is asked for in preview where ${what} answers instead`, async () => {
            docker(...components);
            const problems = await runtimeProblems("podman");
            assert.deepEqual(
                problems.map(({ key }) => key),
                ["runtime"],
            );
            assert.match(problems[0]?.fix ?? "", /podman\.sock.*runtime: docker\.$/);
            assert.deepEqual(await runtimeProblems("docker"), []);
        });
    }
});

describe("the engine behind Docker's API, where there is no client of Docker", () => {
    const { PATH, DOCKER_HOST } = process.env;
    let folder = "";

    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), "multinet-socket-"));
        process.env["PATH"] = folder;
    });
    afterEach(() => {
        process.env["PATH"] = PATH;
        if (DOCKER_HOST === undefined) {
            delete process.env["DOCKER_HOST"];
        } else {
            process.env["DOCKER_HOST"] = DOCKER_HOST;
        }
        rmSync(folder, { recursive: true });
    });

    for (const [name, problems] of [
        ["Podman Engine", 0],
        ["Engine", 1],
    ] as const) {
        it(`is asked through its socket, and says that it is ${name}`, async () => {
            const server = createServer((_, response) => {
                response.end(JSON.stringify({ Components: [{ Name: name }] }));
            });
            const socket = join(folder, "engine.sock");
            await new Promise<void>((resolve) => server.listen(socket, resolve));
            process.env["DOCKER_HOST"] = `unix://${socket}`;
            try {
                assert.equal((await runtimeProblems("podman")).length, problems);
            } finally {
                server.close();
            }
        });
    }
});

describe("image archives", () => {
    it("are known by their content; one that cannot be read is named", async () => {
        const folder = mkdtempSync(join(tmpdir(), "multinet-archives-"));
        try {
            const [a, b] = ["a.tar", "b.tar"].map((name) => join(folder, name)) as [string, string];
            writeFileSync(a, "one");
            writeFileSync(b, "one");
            const before = await readArchives([a, b]);
            assert.equal(before.archives[0]?.digest, before.archives[1]?.digest);
            writeFileSync(a, "two");
            const after = await readArchives([a, join(folder, "none.tar")]);
            assert.notEqual(after.archives[0]?.digest, before.archives[0]?.digest);
            assert.deepEqual(
                after.problems.map(({ key, reason }) => [key, /ENOENT/.test(reason)]),
                [["images.archives[1]", true]],
            );
        } finally {
            rmSync(folder, { recursive: true });
        }
    });
});
