import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import {
    chmodSync,
    existsSync,
    mkdirSync,
    readdirSync,
    readFileSync,
    statSync,
    symlinkSync,
    writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import { dirname } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import {
    contentsOf,
    contentsOnDisk,
    multinetContainers,
} from "../../../cli/setup/engineContents.ts";
import { refuseMounts, removeFrom, unmountAll } from "../../../system/removal.ts";
import { readJson, writeWhole } from "../../../system/smallFile.ts";
import { stacksWithResources } from "../../../cli/state/stateFiles.ts";
import { temporaryDirectory } from "../temporary.ts";

describe("stacks that are in the way of cleaning", () => {
    const temporary = temporaryDirectory();
    const write = (name: string, content: string | Buffer) => {
        const file = temporary(".pulumi/stacks/multinet", name);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, content);
    };
    const state = (latest: object | null) => JSON.stringify({ version: 3, checkpoint: { latest } });

    it("are those with resources or pending operations, compressed or not", () => {
        assert.deepEqual(stacksWithResources(temporary("none")), []);
        write("full.json", state({ resources: [{}] }));
        write("packed.json.gz", gzipSync(state({ resources: [{}] })));
        write("pending.json", state({ pending_operations: [{}] }));
        write("empty.json", state({}));
        write("new.json", state(null));
        write("packed-empty.json.gz", gzipSync(state({})));
        write("empty.json.bak", state({ resources: [{}] }));
        const names = stacksWithResources(temporary()).map(({ name }) => name);
        assert.deepEqual(names.sort(), ["full", "packed", "pending"]);
    });

    it("are those whose state is cut off anywhere, as well", () => {
        const whole = state({ resources: [{}] });
        fc.assert(
            fc.property(fc.nat({ max: whole.length - 1 }), fc.boolean(), (length, compress) => {
                const name = compress ? "torn.json.gz" : "torn.json";
                const content = compress ? gzipSync(whole) : Buffer.from(whole);
                write(name, content.subarray(0, Math.min(length, content.length - 1)));
                const found = stacksWithResources(temporary());
                assert.ok(found.some((one) => one.name === "torn" && one.unreadable));
            }),
            { numRuns: 50 },
        );
    });
});

describe("what a container engine holds", () => {
    const temporary = temporaryDirectory();
    const labels = { "multinet.dev/project": "multinet", "multinet.dev/stack": "dev" };
    const kind = { "io.x-k8s.kind.cluster": "multinet-dev-edge1" };
    const answers: Record<string, object> = {
        "/containers/json?all=1": [
            {
                Names: ["/node"],
                State: "running",
                Labels: kind,
                NetworkSettings: { Networks: { "multinet-dev": {} } },
            },
            { Names: ["/mine"], State: "exited", Labels: null },
        ],
        "/networks": [
            { Name: "bridge", Labels: {} },
            { Name: "multinet-dev", Labels: labels },
            { Name: "home", Labels: null },
        ],
        "/volumes": { Volumes: [{ Name: "data" }] },
        "/images/json": [
            { RepoTags: ["multinet.local/kindest-node:v1"], RepoDigests: null },
            { RepoTags: ["alpine:3"], RepoDigests: ["alpine@sha256:1"] },
            { RepoTags: ["thesis:1"], RepoDigests: [] },
            { RepoTags: ["<none>:<none>"], RepoDigests: ["<none>@<none>"] },
        ],
    };
    let server: Server;
    const host = () => `unix://${temporary("socket")}`;
    beforeEach(async () => {
        server = createServer(({ url = "" }, response) =>
            response.end(JSON.stringify(answers[url])),
        );
        await once(server.listen(temporary("socket")), "listening");
    });
    afterEach(() => server.close());

    it("is all that would be lost with it, other checkouts' and other programs' things included", async () => {
        assert.deepEqual(await contentsOf(host()), {
            running: ["container node (kind cluster multinet-dev-edge1)"],
            containers: ["container node (kind cluster multinet-dev-edge1)", "container mine"],
            others: [
                "volume data",
                'network multinet-dev, of the stack "dev"',
                "network home",
                "image thesis:1",
            ],
        });
    });

    it("is on an engine of the machine of interest only where it is of multinet", async () => {
        assert.deepEqual(await multinetContainers(host()), [
            'container node (kind cluster multinet-dev-edge1), of the stack "dev"',
        ]);
    });

    it("can be seen although the engine does not run", () => {
        assert.deepEqual(contentsOnDisk(temporary("none")), {
            running: [],
            containers: [],
            others: [],
        });
        const write = (content: object | string, ...path: string[]) => {
            mkdirSync(dirname(temporary(...path)), { recursive: true });
            const text = typeof content === "string" ? content : JSON.stringify(content);
            writeFileSync(temporary(...path), text);
        };
        const config = { Name: "/node", Config: { Labels: kind } };
        write(config, "data", "containers", "123", "config.v2.json");
        write("", "data", "volumes", "metadata.db");
        mkdirSync(temporary("data", "volumes", "mine"));
        const references = { "thesis:1": "sha256:1" };
        const pulled = { "alpine:3": "sha256:2", "alpine@sha256:3": "sha256:2" };
        const Repositories = { thesis: references, alpine: pulled };
        write({ Repositories }, "data", "image", "overlay2", "repositories.json");
        assert.deepEqual(contentsOnDisk(temporary("data")), {
            running: [],
            containers: ["container node (kind cluster multinet-dev-edge1)"],
            others: ["volume mine", "image thesis:1"],
        });
    });
});

describe("removal", () => {
    const temporary = temporaryDirectory();

    it("takes what is known by name, and the directory only if that was all", () => {
        mkdirSync(temporary("d", "go", "mod"), { recursive: true });
        writeFileSync(temporary("d", "go", "mod", "file"), "");
        chmodSync(temporary("d", "go", "mod"), 0o500);
        writeFileSync(temporary("d", "mine"), "1");
        const isKnown = (name: string) => name === "go";
        assert.deepEqual(removeFrom(temporary("d"), isKnown), ["mine"]);
        assert.deepEqual(readdirSync(temporary("d")), ["mine"]);
        assert.deepEqual(
            removeFrom(temporary("d"), () => true),
            [],
        );
        assert.equal(existsSync(temporary("d")), false);
        assert.equal(removeFrom(temporary("d"), isKnown), undefined);
    });

    it("does not follow a link", () => {
        mkdirSync(temporary("elsewhere"));
        writeFileSync(temporary("elsewhere", "precious"), "1");
        mkdirSync(temporary("d"));
        symlinkSync(temporary("elsewhere"), temporary("d", "engine"));
        removeFrom(temporary("d"), () => true);
        assert.deepEqual(readdirSync(temporary("elsewhere")), ["precious"]);
    });

    it("stops before another file system", () => {
        assert.throws(() => refuseMounts("/dev"), /something is mounted in it.*umount .*\/dev\//);
        refuseMounts(temporary());
    });

    it("unmounts what a killed engine left, without a change to what is there", async function () {
        mkdirSync(temporary("data", "sub"), { recursive: true });
        writeFileSync(temporary("data", "sub", "file"), "1");
        const bind = (path: string) => spawnSync("mount", ["--bind", path, path]).status === 0;
        if (!bind(temporary("data"))) {
            this.skip();
        }
        bind(temporary("data", "sub"));
        assert.throws(() => refuseMounts(temporary()), /something is mounted in it/);
        await unmountAll(temporary("data"));
        refuseMounts(temporary());
        assert.equal(readFileSync(temporary("data", "sub", "file"), "utf8"), "1");
    });
});

describe("small files", () => {
    const temporary = temporaryDirectory();

    it("are as they were or as they are now, and private unless said otherwise", () => {
        writeWhole(temporary("file"), "1");
        assert.equal(statSync(temporary("file")).mode & 0o777, 0o600);
        writeWhole(temporary("file"), "2");
        assert.equal(readFileSync(temporary("file"), "utf8"), "2");
        assert.deepEqual(readdirSync(temporary()), ["file"]);
        mkdirSync(temporary("folder"));
        assert.throws(() => writeWhole(temporary("folder"), "3"));
        assert.deepEqual(readdirSync(temporary()).sort(), ["file", "folder"]);
    });

    it("that cannot be read count as missing, and are named", () => {
        const said: string[] = [];
        const read = () => readJson(temporary("file"), (line) => void said.push(line));
        assert.equal(read(), undefined);
        assert.equal(said.length, 0);
        const whole = JSON.stringify({ a: [1, { b: "c" }] });
        for (let length = 0; length < whole.length; length++) {
            writeFileSync(temporary("file"), whole.slice(0, length));
            assert.equal(read(), undefined);
        }
        assert.equal(said.length, whole.length);
        for (const line of said) {
            assert.ok(line.startsWith(`Ignored ${temporary("file")}, which`));
        }
        writeWhole(temporary("file"), whole);
        assert.deepEqual(read(), { a: [1, { b: "c" }] });
    });
});
