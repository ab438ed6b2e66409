import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { projectEnvironment, shellExports, type Places } from "../../../toolchain/environment.ts";
import { temporaryDirectory } from "./temporary.ts";

describe("environment of a project", () => {
    const temporary = temporaryDirectory();
    const places: Places = {
        own: "/p/.multinet",
        programs: ["/c/pieces/kind", "/c/tools/node/bin"],
        cache: "/c",
        engine: "unix:///run/x.sock",
        images: undefined,
    };
    const environment = (env: NodeJS.ProcessEnv, changes: Partial<Places> = {}) =>
        projectEnvironment(
            { ...places, ...changes },
            { HOME: temporary(), PATH: "/usr/bin:/bin", ...env },
        );

    it("is complete, private and needs no answer from anybody", () => {
        assert.deepEqual(environment({}), {
            PATH: "/c/pieces/kind:/c/tools/node/bin:/usr/bin:/bin",
            PULUMI_HOME: "/p/.multinet/home",
            PULUMI_BACKEND_URL: "file:///p/.multinet/state",
            PULUMI_CONFIG_PASSPHRASE: "",
            PULUMI_SKIP_UPDATE_CHECK: "true",
            PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
            DOCKER_HOST: "unix:///run/x.sock",
            NODE_COMPILE_CACHE: "/p/.multinet/compiled",
        });
    });

    it("comes out the same when it is already in force", () => {
        const once = environment({}, { images: "/p/.multinet/images.json" });
        assert.equal(once["MULTINET_IMAGES"], "/p/.multinet/images.json");
        assert.deepEqual(environment(once, { images: "/p/.multinet/images.json" }), once);
        // Directories of pieces that were replaced do not pile up on PATH.
        const after = environment({ ...once, PATH: `/c/pieces/kind-old:${once["PATH"]}` });
        assert.equal(after["PATH"], once["PATH"]);
    });

    it("keeps a backend that the user has chosen", () => {
        const chosen = environment({ PULUMI_BACKEND_URL: "s3://bucket" });
        assert.equal(chosen["PULUMI_BACKEND_URL"], "s3://bucket");
    });

    it("keeps a login that the user has made, wherever it is", () => {
        const login = (folder: string) => {
            mkdirSync(temporary(folder), { recursive: true });
            writeFileSync(
                temporary(folder, "credentials.json"),
                '{"current":"https://example.com"}',
            );
        };
        login(".pulumi");
        const loggedIn = environment({});
        assert.equal("PULUMI_BACKEND_URL" in loggedIn, false);
        assert.equal(loggedIn["PULUMI_CREDENTIALS_PATH"], temporary(".pulumi"));
        assert.deepEqual(environment(loggedIn), loggedIn);
        login("elsewhere");
        const elsewhere = environment({ PULUMI_HOME: temporary("elsewhere") });
        assert.equal(elsewhere["PULUMI_CREDENTIALS_PATH"], temporary("elsewhere"));
    });

    it("uses the local backend when the user logged out again", () => {
        mkdirSync(temporary(".pulumi"));
        writeFileSync(temporary(".pulumi", "credentials.json"), '{"accounts":{}}');
        assert.equal(environment({})["PULUMI_BACKEND_URL"], "file:///p/.multinet/state");
    });

    it("keeps a passphrase of the user's own", () => {
        assert.equal(
            environment({ PULUMI_CONFIG_PASSPHRASE: "x" })["PULUMI_CONFIG_PASSPHRASE"],
            "x",
        );
        const file = environment({ PULUMI_CONFIG_PASSPHRASE_FILE: "/secret" });
        assert.equal(file["PULUMI_CONFIG_PASSPHRASE_FILE"], "/secret");
        assert.equal("PULUMI_CONFIG_PASSPHRASE" in file, false);
    });
});

describe("lines for a shell", () => {
    it("give back every value, whatever is in it", () => {
        const value = fc.string({ unit: "binary-ascii" }).map((text) => text.replaceAll("\0", ""));
        fc.assert(
            fc.property(value, (text) => {
                const script = `${shellExports({ VALUE: text })}printf %s "$VALUE"`;
                assert.equal(execFileSync("sh", ["-c", script], { encoding: "utf8" }), text);
            }),
            { numRuns: 100 },
        );
    });
});
