import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readArchives } from "../../stack/archives.ts";
import {
    bridgeProblems,
    bridgeToAdopt,
    bridgeWarning,
    runtimeProblems,
} from "../../stack/machine.ts";
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

    it("is refused when it is someone else's, with the way out", () => {
        assert.deepEqual(bridgeProblems({ own: [network], foreign: [] }, plan), []);
        const [problem, ...more] = bridgeProblems({ own: [], foreign: [network] }, plan);
        assert.match(problem?.reason ?? "", /without the labels of stack "unit".*left alone/);
        assert.match(problem?.fix ?? "", /docker network rm multinet-unit$/);
        assert.deepEqual(more, []);
    });
});

describe("the engine behind Docker's API", () => {
    const path = process.env["PATH"];
    let folder = "";

    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), "multinet-docker-"));
        process.env["PATH"] = folder;
    });
    afterEach(() => {
        process.env["PATH"] = path;
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
