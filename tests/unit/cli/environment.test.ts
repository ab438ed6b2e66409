import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { backendFolder } from "../../../cli/state/backend.ts";
import {
    isInside,
    projectEnvironment,
    shellExports,
    type Places,
} from "../../../cli/setup/environment.ts";
import { alsoExported, userEnvironment } from "../../../cli/setup/exported.ts";
import { temporaryDirectory } from "../temporary.ts";

describe("environment of a project", () => {
    const temporary = temporaryDirectory();
    const places: Places = {
        stateDir: "/p/.multinet",
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

    /** What the shell gets, without the note on what of it is ours. */
    const withoutMarker = (variables: Record<string, string>) =>
        Object.fromEntries(
            Object.entries(variables).filter(([name]) => name !== "MULTINET_EXPORTED"),
        );

    it("is complete, private and needs no answer from anybody", () => {
        assert.deepEqual(withoutMarker(environment({})), {
            PATH: "/c/pieces/kind:/c/tools/node/bin:/usr/bin:/bin",
            PULUMI_HOME: "/p/.multinet/home",
            PULUMI_BACKEND_URL: "file:///p/.multinet/state?metadata=skip",
            PULUMI_CONFIG_PASSPHRASE: "",
            PULUMI_SKIP_UPDATE_CHECK: "true",
            PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
            DOCKER_HOST: "unix:///run/x.sock",
            DOCKER_CONTEXT: "",
            NODE_COMPILE_CACHE: "/p/.multinet/compiled",
        });
    });

    it("comes out the same when it is already in force", () => {
        const once = environment({}, { images: "/p/.multinet/images.json" });
        assert.equal(once["MULTINET_IMAGES"], "/p/.multinet/images.json");
        assert.deepEqual(environment(once, { images: "/p/.multinet/images.json" }), once);
        // Directories of artifacts that were replaced do not pile up on PATH.
        const after = environment({ ...once, PATH: `/c/pieces/kind-old:${once["PATH"]}` });
        assert.equal(after["PATH"], once["PATH"]);
    });

    it("is not taken for the user's own choice, in another checkout least of all", () => {
        const other = {
            stateDir: "/q/.multinet",
            cache: "/d",
            programs: ["/d/pieces/kind"],
            engine: "unix:///run/y.sock",
        };
        for (const chosen of [{}, { PULUMI_BACKEND_URL: "s3://bucket", DOCKER_HOST: "ssh://h" }]) {
            const elsewhere = environment(
                { ...chosen, FOREIGN: "x" },
                { ...other, images: "/q/i.json", engine: chosen.DOCKER_HOST ?? other.engine },
            );
            assert.deepEqual(environment(elsewhere), environment(chosen));
            const user = userEnvironment({ HOME: "/h", ...elsewhere });
            assert.deepEqual(user, { HOME: "/h", ...chosen, PATH: "/usr/bin:/bin" });
        }
    });

    it("leads all programs to the engine, and keeps to it when that was chosen by a docker context", () => {
        const once = environment({ DOCKER_CONTEXT: "rootless" });
        assert.equal(once["DOCKER_CONTEXT"], "");
        assert.equal(userEnvironment(once)["DOCKER_HOST"], "unix:///run/x.sock");
        assert.equal(userEnvironment(once)["DOCKER_CONTEXT"], undefined);
        assert.equal(userEnvironment(environment({}))["DOCKER_HOST"], undefined);
    });

    it("is not grown by npm's own folders, however often it is asked for", () => {
        const npm = { npm_package_json: "/home/p/package.json", npm_lifecycle_event: "env" };
        const folders = ["/home/p", "/home", ""].map((folder) => `${folder}/node_modules/.bin`);
        folders.push("/usr/lib/node_modules/npm/node_modules/@npmcli/run-script/lib/node-gyp-bin");
        let path = "/opt/x/node_modules/.bin:/usr/bin:/bin";
        const expected = `/c/pieces/kind:/c/tools/node/bin:${path}`;
        for (let time = 0; time < 3; time++) {
            const answer = environment({ ...npm, PATH: [...folders, path].join(":") });
            path = answer["PATH"]!;
            assert.equal(path, expected);
        }
    });

    it("may have more, which is ours as well", () => {
        const more = { KUBECONFIG: "/p/.multinet/kubeconfigs/dev/all-clusters.kubeconfig" };
        const once = alsoExported(environment({}), more);
        assert.equal(once["KUBECONFIG"], more.KUBECONFIG);
        assert.deepEqual(alsoExported(environment(once), more), once);
        assert.deepEqual(userEnvironment(once), userEnvironment(environment({})));
        const other = { ...once, KUBECONFIG: "/home/u/.kube/config" };
        assert.equal(userEnvironment(other)["KUBECONFIG"], "/home/u/.kube/config");
    });

    it("survives a note that somebody has changed", () => {
        for (const note of ["", "{", "null", "3", '{"PATH":3,"HOME":null}', "[]"]) {
            const { PATH } = userEnvironment({ PATH: "/bin", MULTINET_EXPORTED: note });
            assert.equal(PATH, "/bin");
        }
    });

    it("has an address of the state that Pulumi can read, whatever the path", () => {
        const stateDir = "/home/ü/c# 100%/what?/.multinet";
        const url = environment({}, { stateDir })["PULUMI_BACKEND_URL"]!;
        assert.equal(backendFolder(url), `${stateDir}/state`);
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
        assert.equal(
            environment({})["PULUMI_BACKEND_URL"],
            "file:///p/.multinet/state?metadata=skip",
        );
    });

    it("does not guess where a damaged login leads", () => {
        mkdirSync(temporary(".pulumi"));
        const write = (text: string) =>
            writeFileSync(temporary(".pulumi", "credentials.json"), text);
        for (const text of ['{"current":"https://exam', "nonsense"]) {
            write(text);
            assert.throws(() => environment({}), /credentials\.json.* is damaged.*pulumi login/s);
            // The user has said where the state is: the login does not decide it.
            assert.doesNotThrow(() => environment({ PULUMI_BACKEND_URL: "file:///s" }));
        }
        for (const text of ["", "null", "{}"]) {
            write(text); // as Pulumi itself sees it: no login
            assert.equal(
                environment({})["PULUMI_BACKEND_URL"],
                "file:///p/.multinet/state?metadata=skip",
            );
        }
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

describe("a directory of programs", () => {
    const temporary = temporaryDirectory();

    it("is inside another one when a symbolic link leads there", () => {
        mkdirSync(temporary("disk/multinet/tools"), { recursive: true });
        symlinkSync(temporary("disk"), temporary("cache"));
        const cache = temporary("cache/multinet");
        assert.ok(isInside(temporary("disk/multinet/tools"), cache)); // as process.execPath has it
        assert.ok(isInside(join(cache, "tools"), cache));
        assert.ok(isInside(join(cache, "gone"), cache));
        assert.ok(!isInside(temporary("disk"), cache));
        assert.ok(!isInside(`${cache}2/tools`, cache));
    });
});

describe("lines for a shell", () => {
    it("may be evaluated again and again: PATH stays as it was after the first time", () => {
        const places = { stateDir: "/p", programs: ["/c/a", "/c/b"], cache: "/c", engine: "" };
        let shell: NodeJS.ProcessEnv = { HOME: "/nowhere", PATH: "/usr/bin:/bin" };
        const paths = new Set<string>();
        for (let time = 0; time < 4; time++) {
            const lines = shellExports(projectEnvironment({ ...places, images: undefined }, shell));
            const script = `${lines}exec env -0`;
            const said = execFileSync("/bin/sh", ["-c", script], { encoding: "utf8", env: shell });
            const pairs = said.split("\0").filter(Boolean);
            shell = Object.fromEntries(
                pairs.map((pair) => [
                    pair.slice(0, pair.indexOf("=")),
                    pair.slice(pair.indexOf("=") + 1),
                ]),
            );
            paths.add(shell["PATH"]!);
        }
        assert.deepEqual([...paths], ["/c/a:/c/b:/usr/bin:/bin"]);
    });

    it("take back what an earlier answer has set and this one does not", () => {
        const script = `MULTINET_IMAGES=x; PULUMI_BACKEND_URL=y; ${shellExports({ PULUMI_BACKEND_URL: "z" })}
            printf "%s %s" "\${MULTINET_IMAGES-unset}" "$PULUMI_BACKEND_URL"`;
        assert.equal(execFileSync("sh", ["-c", script], { encoding: "utf8" }), "unset z");
    });

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
