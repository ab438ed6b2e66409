import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { parse, stringify } from "yaml";
import { contextsFile, currentContext, refreshContexts } from "../../../cli/contexts.ts";
import { removeKubeconfig } from "../../../provider/kind/kubeconfigFile.ts";
import { temporaryDirectory } from "../temporary.ts";

describe("contexts of a stack", () => {
    const temporary = temporaryDirectory();
    const cluster = (name: string) => temporary("kubeconfigs/dev", `${name}.yaml`);

    /** As kind writes it. */
    function write(name: string): void {
        mkdirSync(temporary("kubeconfigs/dev"), { recursive: true });
        const kind = `kind-multinet-dev-${name}`;
        const kubeconfig = {
            apiVersion: "v1",
            kind: "Config",
            clusters: [{ name: kind, cluster: { server: `https://127.0.0.1/${name}` } }],
            users: [{ name: kind, user: { "client-key-data": `key of ${name}` } }],
            contexts: [{ name: kind, context: { cluster: kind, user: kind } }],
            "current-context": kind,
        };
        writeFileSync(cluster(name), stringify(kubeconfig));
    }

    interface Merged {
        clusters: unknown[];
        users: { user: unknown }[];
        contexts: { name: string; context: { namespace?: string; cluster: string } }[];
        "current-context": string;
    }
    const file = () => contextsFile("dev", temporary());
    const merged = () => parse(readFileSync(file(), "utf8")) as Merged;
    const refresh = (use?: string) => refreshContexts("dev", use, temporary());

    it("are called like the clusters, in one file for its owner only", () => {
        write("edge1");
        write("edge2");
        assert.deepEqual(refresh(), ["edge1", "edge2"]);
        const { clusters, users, contexts } = merged();
        assert.deepEqual([clusters.length, users.length], [2, 2]);
        assert.deepEqual(contexts[1], {
            name: "edge2",
            context: { cluster: "kind-multinet-dev-edge2", user: "kind-multinet-dev-edge2" },
        });
        assert.equal(statSync(file()).mode & 0o777, 0o600);
    });

    it("keep the one that was chosen, and what else the user has set, while clusters come and go", () => {
        write("edge1");
        refresh();
        assert.equal(currentContext("dev", temporary()), "edge1");
        write("edge2");
        refresh("edge2");
        const chosen = merged();
        chosen.contexts[1]!.context.namespace = "mine"; // kubectl config set-context --namespace
        writeFileSync(file(), stringify(chosen));
        write("edge0");
        refresh();
        assert.equal(currentContext("dev", temporary()), "edge2");
        assert.deepEqual(
            merged().contexts.map(({ name, context }) => [name, context.namespace]),
            [
                ["edge0", undefined],
                ["edge1", undefined],
                ["edge2", "mine"],
            ],
        );
        rmSync(cluster("edge2"));
        refresh();
        assert.equal(currentContext("dev", temporary()), "edge0");
    });

    it("stay what they are when a cluster is chosen that is not there", () => {
        write("edge1");
        write("edge2");
        refresh("edge2");
        assert.deepEqual(refresh("edge9"), ["edge1", "edge2"]);
        assert.equal(currentContext("dev", temporary()), "edge2");
    });

    it("are made again of the clusters' own files when theirs is damaged", () => {
        write("edge1");
        refresh();
        for (const text of ["", "{", "3", "- a"]) {
            writeFileSync(file(), text);
            assert.equal(currentContext("dev", temporary()), undefined);
            assert.deepEqual(refresh(), ["edge1"]);
            assert.equal(currentContext("dev", temporary()), "edge1");
        }
        write("edge2");
        writeFileSync(cluster("edge1"), "clusters:");
        assert.deepEqual(refresh(), ["edge2"]);
    });

    it("are none without clusters", () => {
        assert.deepEqual(refresh("edge1"), []);
        assert.equal(existsSync(file()), false);
    });

    it("go with the last cluster", async () => {
        write("edge1");
        write("edge2");
        refresh();
        await removeKubeconfig(cluster("edge1"));
        assert.ok(existsSync(file()));
        await removeKubeconfig(cluster("edge2"));
        assert.equal(existsSync(temporary("kubeconfigs/dev")), false);
    });
});
