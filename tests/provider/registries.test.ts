import assert from "node:assert/strict";
import { inputChanges } from "../../provider/kind/drift.ts";
import { registryFiles, writeRegistries, type Registries } from "../../provider/kind/registries.ts";
import type { KindInputs } from "../../provider/kind/spec.ts";
import type { ExecOptions } from "../../provider/exec.ts";
import type { Runtime } from "../../provider/runtime/runtime.ts";

const HOST = "registry.example.com:5000";
const FOLDER = `/etc/containerd/certs.d/${HOST}`;
const LOGINS = "/var/lib/kubelet/config.json";
const LOGIN = Buffer.from("user:password").toString("base64");

describe("the registries of nodes", () => {
    it("have a file for containerd that names the certificates, and one for the kubelet with the login", () => {
        const files = registryFiles({ [HOST]: { ca: "PEM", login: LOGIN } });
        assert.deepEqual(Object.keys(files).sort(), [
            `${FOLDER}/ca.crt`,
            `${FOLDER}/hosts.toml`,
            LOGINS,
        ]);
        assert.equal(files[`${FOLDER}/ca.crt`], "PEM");
        assert.match(files[`${FOLDER}/hosts.toml`]!, /^server = "https:\/\/registry\.example/);
        assert.match(files[`${FOLDER}/hosts.toml`]!, new RegExp(`^ca = "${FOLDER}/ca.crt"$`, "m"));
        assert.deepEqual(JSON.parse(files[LOGINS]!), { auths: { [HOST]: { auth: LOGIN } } });
    });

    it("are asked by HTTP where they speak no TLS", () => {
        const { [`${FOLDER}/hosts.toml`]: hosts } = registryFiles({ [HOST]: { plain: true } });
        assert.match(hosts!, /^server = "http:\/\/registry.example.com:5000"$/m);
    });

    it("have Docker Hub's login where the kubelet looks for it", () => {
        const { [LOGINS]: logins } = registryFiles({ "docker.io": { login: LOGIN } });
        const auths = { "https://index.docker.io/v1/": { auth: LOGIN } };
        assert.deepEqual(JSON.parse(logins!), { auths });
    });

    it("are written to each node, for root alone, and removed when they are not named any more", async () => {
        const calls: { node: string; argv: string[]; options: ExecOptions }[] = [];
        const runtime = {
            exec: (node: string, argv: string[], options: ExecOptions) => {
                calls.push({ node, argv, options });
                return Promise.resolve("");
            },
        } as Partial<Runtime> as Runtime;
        const { signal } = new AbortController();
        const now: Registries = { [HOST]: { login: LOGIN } };
        const before: Registries = { "old.example": { ca: "PEM" } };
        await writeRegistries(runtime, ["one", "two"], { now, before }, { signal });
        const expected = [
            "rm -f -- /etc/containerd/certs.d/old.example/hosts.toml /etc/containerd/certs.d/old.example/ca.crt",
            `install -D -m 600 /dev/stdin ${LOGINS}`,
        ];
        assert.deepEqual(
            calls.map(({ node, argv }) => `${node}: ${argv.join(" ")}`),
            ["one", "two"].flatMap((node) => expected.map((line) => `${node}: ${line}`)),
        );
        for (const { argv, options } of calls) {
            assert.ok(!argv.join(" ").includes(LOGIN));
            assert.ok(argv[0] === "rm" || options.secrets?.includes(LOGIN));
        }
    });

    it("change in place", () => {
        const inputs = { nodes: [], config: "{}", image: "a", network: "b" } as Partial<KindInputs>;
        const [old, now] = [{}, { registries: { [HOST]: { login: LOGIN } } }].map(
            (more) => ({ ...inputs, ...more }) as KindInputs,
        );
        assert.deepEqual(inputChanges(old!, now!), { registries: "update" });
        assert.deepEqual(inputChanges(now!, now!), {});
    });
});
