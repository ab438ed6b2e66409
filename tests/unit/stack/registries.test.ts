import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { delimiter, dirname } from "node:path";
import type { Images } from "../../../plan/images.ts";
import { registryAccess } from "../../../stack/registries.ts";
import { temporaryDirectory } from "../temporary.ts";

const HOST = "registry.example.com:5000";
const IMAGES: Images = {
    node: "docker.io/kindest/node:v1",
    multus: `${HOST}/multus:v1`,
    toolbox: "docker.io/nicolaka/netshoot:v1",
};
const LOGIN = Buffer.from("user:password").toString("base64");

describe("access to registries", () => {
    const temporary = temporaryDirectory();
    const { DOCKER_CONFIG, PATH, REGISTRY_AUTH_FILE } = process.env;

    beforeEach(() => {
        process.env["DOCKER_CONFIG"] = dirname(temporary("config.json"));
        delete process.env["REGISTRY_AUTH_FILE"];
    });
    afterEach(() => {
        Object.assign(process.env, { DOCKER_CONFIG, PATH, REGISTRY_AUTH_FILE });
        for (const [name, value] of Object.entries({ DOCKER_CONFIG, REGISTRY_AUTH_FILE })) {
            if (value === undefined) {
                delete process.env[name];
            }
        }
    });

    const write = (config: object) =>
        writeFileSync(temporary("config.json"), JSON.stringify(config));
    const access = (more: { mirror?: string; ca?: string; plain?: boolean } = {}) =>
        registryAccess(IMAGES, { plain: false, ...more });

    it("needs nothing where nobody is logged in", async () => {
        write({});
        assert.deepEqual(await access(), {
            registries: undefined,
            engineAccess: {},
            problems: [],
        });
    });

    it("has the logins of the engine's client, of the stack's registries alone", async () => {
        const other = { auth: Buffer.from("other:secret").toString("base64") };
        const auths = {
            [HOST]: { auth: LOGIN },
            "https://index.docker.io/v1/": { auth: LOGIN },
            "other.example": other,
        };
        write({ auths });
        const { registries, engineAccess } = await access();
        assert.deepEqual(registries, { [HOST]: { login: LOGIN }, "docker.io": { login: LOGIN } });
        assert.deepEqual(engineAccess, {
            registryAuth: [{ address: "docker.io", configFile: temporary("config.json") }],
        });
    });

    it("asks the program that keeps the passwords, and takes no token from it", async () => {
        mkdirSync(temporary("bin"));
        const helper = (secret: object) =>
            writeFileSync(
                temporary("bin/docker-credential-safe"),
                `#!/bin/sh\n[ "$(cat)" = ${HOST} ] && echo '${JSON.stringify(secret)}'\n`,
                { mode: 0o755 },
            );
        process.env["PATH"] = `${temporary("bin")}${delimiter}${PATH}`;
        write({ credsStore: "safe" });
        helper({ Username: "user", Secret: "password" });
        assert.deepEqual((await access()).registries, { [HOST]: { login: LOGIN } });
        helper({ Username: "<token>", Secret: "password" });
        assert.equal((await access()).registries, undefined);
    });

    it("takes a file that its own client could not read for none", async () => {
        writeFileSync(temporary("config.json"), "{");
        assert.equal((await access()).registries, undefined);
    });

    it("tells nodes of a mirror without TLS, and says what is no certificate", async () => {
        write({});
        const plain = await access({ mirror: `${HOST}/path`, plain: true });
        assert.deepEqual(plain.registries, { [HOST]: { plain: true } });
        writeFileSync(temporary("ca.pem"), "no certificate");
        for (const ca of [temporary("ca.pem"), temporary("nowhere")]) {
            const { problems } = await access({ mirror: HOST, ca });
            assert.deepEqual(
                problems.map(({ key }) => key),
                ["images.ca"],
            );
        }
    });
});
