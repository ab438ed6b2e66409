import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { parse } from "yaml";
import { writeArchive } from "../../../../cli/bugreport/archive.ts";
import { knownSecrets } from "../../../../cli/bugreport/knownSecrets.ts";
import { nodeStates } from "../../../../cli/bugreport/nodes.ts";
import { reportFiles, type Sources } from "../../../../cli/bugreport/report.ts";
import { hideInText, hiderOf, withoutSecrets } from "../../../../cli/bugreport/withoutSecrets.ts";
import type { State } from "../../../../cli/state/stack.ts";
import type { Plan } from "../../../../plan/plan.ts";
import type { Runtime } from "../../../../provider/runtime/runtime.ts";
import { planOf } from "../../../golden/golden.ts";
import { temporaryDirectory } from "../../temporary.ts";

/** As Pulumi marks a secret in a checkpoint. */
const encrypted = (ciphertext: string) => ({
    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
    ciphertext,
});

const KEY = `-----BEGIN RSA PRIVATE KEY-----\n${"k3yK3yKeyK".repeat(12)}\n-----END RSA PRIVATE KEY-----\n`;
const KEY_DATA = Buffer.from(KEY).toString("base64");

/** Every one of these is somewhere in what a report is made of; none may be in the report. */
const SECRETS = [
    "c1ph3rtext-of-a-kubeconfig",
    "v1:c2FsdHNhbHQ=:Y2lwaGVydGV4dC1vZi1hLXZhbHVl",
    "UnSExQ8Jub8OsKFvrRWCN2sEt3BXYQ",
    "pl4in-passw0rd-in-values",
    "t0ken-in-a-log",
    "b3arer-in-a-log",
    "l0gin-of-a-proxy",
    "p4ssphrase-of-the-user",
    "pul-0123456789abcdef0123456789abcdef01234567",
    "comment-with-a-passw0rd",
    "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJtdWx0dXMifQ.c2lnbmF0dXJl",
    "k3yK3yKeyKk3yK3yKeyK",
    KEY_DATA.slice(40, 100),
];

const KUBECONFIG = `users:\n- user:\n    client-certificate-data: Y2VydGlmaWNhdGU=\n    client-key-data: ${KEY_DATA}\n`;

const STACK_FILE = `# admin: comment-with-a-passw0rd
encryptionsalt: v1:1PfW8zxW750=:v1:G61R2hbF1v4WV9Er:UnSExQ8Jub8OsKFvrRWCN2sEt3BXYQ==
config:
    multinet:clusters:
        edge1:
            primary: calico
            calico:
                values:
                    goldmane: { secure: "v1:c2FsdHNhbHQ=:Y2lwaGVydGV4dC1vZi1hLXZhbHVl" }
                    bgp: { password: pl4in-passw0rd-in-values, port: 179 }
        edge2: { nodes: 2 }
    multinet:networks:
        data-plane: { type: ptp, cidr: 10.0.0.0/12 }
`;

const DEPLOYMENT = {
    manifest: { version: "3.250.0" },
    secrets_providers: { type: "passphrase", state: { salt: "v1:UnSExQ8Jub8OsKFvrRWCN2sEt3BXYQ" } },
    resources: [
        {
            urn: "urn:pulumi:dev::multinet::multinet:index:KindCluster::edge1",
            type: "multinet:index:KindCluster",
            inputs: { nodes: ["multinet-dev-edge1-control-plane"], memory: "4GiB" },
            outputs: { kubeconfig: encrypted("c1ph3rtext-of-a-kubeconfig"), ca: "abc" },
        },
        {
            urn: "urn:pulumi:dev::multinet::pulumi:providers:kubernetes::edge1",
            type: "pulumi:providers:kubernetes",
            inputs: { kubeconfig: KUBECONFIG, nested: [{ note: KEY }, { data: KUBECONFIG }] },
        },
        {
            urn: "urn:pulumi:dev::multinet::multinet:index:ReachabilityMatrix::m",
            type: "multinet:index:ReachabilityMatrix",
            inputs: { pairs: [] },
            outputs: { summary: "64 of 64 cells green", red: [] },
        },
    ],
} as unknown as State["deployment"];

const LOG = `2026-11-26 fetching https://user:l0gin-of-a-proxy@proxy.example/x
Authorization: Bearer b3arer-in-a-log
{"token":"t0ken-in-a-log","size":12}
PULUMI_CONFIG_PASSPHRASE was p4ssphrase-of-the-user
login with pul-0123456789abcdef0123456789abcdef01234567
serviceaccount eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJtdWx0dXMifQ.c2lnbmF0dXJl
${KEY}client-key-data: ${KEY_DATA}
`;

describe("bug report", () => {
    const temporary = temporaryDirectory();

    function sources(): Sources {
        writeFileSync(temporary("Pulumi.dev.yaml"), STACK_FILE);
        mkdirSync(temporary("logs"));
        writeFileSync(temporary("logs", "dockerd.log"), LOG);
        writeFileSync(temporary("logs", "long.log"), `${"begin\n".repeat(50_000)}the end\n`);
        return {
            stack: "dev",
            configFile: temporary("Pulumi.dev.yaml"),
            deployment: DEPLOYMENT,
            logs: temporary("logs"),
            nodes: new Map([["multinet-dev-edge1-control-plane", `10.1.1.0/24 dev x\n${LOG}`]]),
            versions: { commit: "0123abc", node: "v24" },
            problems: [],
        };
    }

    /** Writes the archive, unpacks it, and returns its files. */
    async function unpacked(made: Sources): Promise<Map<string, string>> {
        mkdirSync(temporary("kubeconfigs", "dev"), { recursive: true });
        writeFileSync(temporary("kubeconfigs", "dev", "edge1.yaml"), KUBECONFIG);
        const env = { PULUMI_CONFIG_PASSPHRASE: "p4ssphrase-of-the-user" };
        const hide = hiderOf(knownSecrets(temporary("kubeconfigs"), env));
        await writeArchive(temporary("r.tar.gz"), "report", reportFiles(made), hide);
        execFileSync("tar", ["-xzf", temporary("r.tar.gz"), "-C", temporary()]);
        const names = readdirSync(temporary("report"), { recursive: true, withFileTypes: true });
        return new Map(
            names
                .filter((entry) => entry.isFile())
                .map(({ parentPath, name }) => join(parentPath, name))
                .map((file) => [
                    file.slice(temporary("report").length + 1),
                    readFileSync(file, "utf8"),
                ]),
        );
    }

    it("has no secret in it, wherever it stood", async () => {
        const made = sources();
        const before = JSON.stringify([STACK_FILE, DEPLOYMENT, LOG, KUBECONFIG]);
        for (const secret of SECRETS) {
            assert.ok(before.includes(secret), `the test itself lacks ${secret}`);
        }
        for (const [name, text] of await unpacked(made)) {
            for (const secret of SECRETS) {
                assert.ok(!text.includes(secret), `${secret} is in ${name}`);
            }
        }
    });

    it("has what is needed to understand a stack, for its owner only", async () => {
        const files = await unpacked(sources());
        assert.deepEqual([...files.keys()].toSorted(), [
            "Pulumi.dev.yaml",
            "README.txt",
            "logs/dockerd.log",
            "logs/long.log",
            "matrix.json",
            "nodes/multinet-dev-edge1-control-plane.txt",
            "plan.json",
            "problems.txt",
            "state.json",
            "versions.json",
        ]);
        assert.equal(statSync(temporary("r.tar.gz")).mode & 0o777, 0o600);
        const state = JSON.parse(files.get("state.json")!) as State["deployment"];
        assert.equal(state.resources![0]!.inputs!["memory"], "4GiB");
        assert.equal(state.resources![0]!.outputs!["kubeconfig"], "[secret]");
        assert.match(files.get("matrix.json")!, /64 of 64 cells green/);
        const plan = JSON.parse(files.get("plan.json")!) as Plan;
        assert.deepEqual(
            plan.clusters.map(({ name }) => name),
            ["edge1", "edge2"],
        );
        const long = files.get("logs/long.log")!;
        assert.ok(long.length <= 200_000 && long.endsWith("begin\nthe end\n"));
        assert.match(files.get("README.txt")!, /git checkout 0123abc\n {4}cp Pulumi\.dev\.yaml/);
    });

    it("has the stack file as another machine can use it", async () => {
        const files = await unpacked(sources());
        const { config, ...others } = parse(files.get("Pulumi.dev.yaml")!) as {
            config: Record<string, Record<string, unknown>>;
        };
        assert.deepEqual(others, {});
        assert.deepEqual(config["multinet:clusters"]!["edge2"], { nodes: 2 });
        assert.deepEqual(config["multinet:clusters"]!["edge1"], {
            primary: "calico",
            calico: { values: { goldmane: "[secret]", bgp: { password: "[secret]", port: 179 } } },
        });
    });

    it("says what could not be found out", async () => {
        const made = {
            ...sources(),
            deployment: undefined,
            problems: ["Nodes: no engine answers"],
        };
        writeFileSync(made.configFile, "config:\n    multinet:clusters: {edge1: {nodes: 0}}\n");
        const files = await unpacked(made);
        const problems = files.get("problems.txt")!;
        assert.match(problems, /Nodes: no engine answers/);
        assert.match(problems, /There is no state/);
        assert.match(problems, /clusters\.edge1\.nodes/);
        writeFileSync(made.configFile, "config: [p4ss: word: x");
        assert.match(reportFiles(made).get("problems.txt")!, /Pulumi\.dev\.yaml is not YAML\./);
    });

    it("overwrites nothing", async () => {
        writeFileSync(temporary("r.tar.gz"), "mine");
        await assert.rejects(
            writeArchive(temporary("r.tar.gz"), "x", new Map(), (text) => text),
            /EEXIST/,
        );
        assert.equal(readFileSync(temporary("r.tar.gz"), "utf8"), "mine");
    });
});

describe("what is hidden", () => {
    it("leaves the plans of all stacks as they are: names, addresses, routes", () => {
        for (const stack of ["dev", "cilium", "mixed", "every"]) {
            assert.deepEqual(withoutSecrets(planOf(stack)), planOf(stack));
        }
    });

    it("is every marked secret of any data, and nothing of its shape", () => {
        const data = fc.jsonValue({ maxDepth: 4 });
        fc.assert(
            fc.property(fc.array(fc.tuple(fc.stringMatching(/^[a-j]{1,5}$/), data)), (entries) => {
                const value = Object.fromEntries(
                    entries.map(([key, inner]) => [
                        key,
                        { inner, hidden: encrypted("UNHEARD-OF") },
                    ]),
                );
                const hidden = withoutSecrets(value) as Record<string, { hidden: unknown }>;
                assert.doesNotMatch(JSON.stringify(hidden), /UNHEARD-OF/);
                assert.deepEqual(Object.keys(hidden), Object.keys(value));
                assert.ok(Object.values(hidden).every((one) => one.hidden === "[secret]"));
            }),
        );
    });

    it("is no plain word of a log", () => {
        const log = `level=info msg="API listen on /run/docker.sock" version=29.1
10.1.1.0/24 via 10.206.152.2 dev eth0 proto static
pulled docker.io/kindest/node:v1.34@sha256:0123abcd, tokens left: 12`;
        assert.equal(hideInText(log), log);
    });
});

describe("state of nodes", () => {
    it("is what those say that run; what fails has its reason", async () => {
        const asked: string[][] = [];
        const runtime = {
            containers: async () => [
                { name: "n1", state: "running" },
                { name: "n2", state: "stopped" },
            ],
            exec: async (node: string, argv: string[]) => {
                asked.push([node, ...argv]);
                if (argv[0] === "nft") {
                    throw new Error("nft: not found");
                }
                return `${argv[0]} of ${node}`;
            },
        } as unknown as Runtime;
        const { signal } = new AbortController();
        const states = await nodeStates(runtime, ["n1", "n2", "n3"], signal);
        assert.match(states.get("n1")!, /\$ ip -4 route show table all\nip of n1/);
        assert.match(states.get("n1")!, /\$ nft list ruleset\nnft: not found/);
        assert.equal(states.get("n2"), "The container is stopped.");
        assert.equal(states.get("n3"), "The container is not there.");
        assert.ok(asked.every(([node]) => node === "n1"));
    });
});
