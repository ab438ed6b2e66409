import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Cache } from "../../../system/cache.ts";
import { forgetSilentHosts } from "../../../system/http.ts";
import {
    Builder,
    CNIS,
    type NodeImages,
    nodeImageParts,
    nodeImages,
} from "../../../source-builds/builder.ts";
import { MadeImages } from "../../../cli/setup/madeImages.ts";
import { Progress } from "../../../system/progress.ts";
import { temporaryDirectory, withoutChoice } from "../temporary.ts";

describe("images of a stack that are made here", () => {
    const temporary = temporaryDirectory();
    withoutChoice();
    const { fetch } = globalThis;
    const { PATH } = process.env;
    const engine = "unix:///nowhere.sock";
    let said: string;
    let builder: Builder;
    let answers: (url: string) => Response;

    beforeEach(() => {
        said = "";
        mkdirSync(temporary("cache"), { mode: 0o700 });
        const stream = { write: (text: string) => (said += text) };
        builder = new Builder(
            new Cache(temporary("cache")),
            new Progress(stream),
            new AbortController().signal,
        );
        forgetSilentHosts();
        answers = offline;
        globalThis.fetch = async (url) => answers(url as string);
        stackFile("");
        containers("");
    });
    afterEach(() => {
        globalThis.fetch = fetch;
        process.env["PATH"] = PATH;
    });

    function offline(): Response {
        throw new TypeError("fetch failed", {
            cause: Object.assign(new Error("no such host"), { code: "ENOTFOUND" }),
        });
    }

    const stackFile = (clusters: string) =>
        writeFileSync(temporary("c.yaml"), `config:\n    multinet:clusters: { ${clusters} }\n`);

    /** A docker client that knows only containers of this image. */
    function containers(image: string): void {
        mkdirSync(temporary("bin"), { recursive: true });
        const script = `#!/bin/sh\ncase "$*" in "ps "*"ancestor=${image || "none"}") echo 0123 ;; esac\n`;
        writeFileSync(temporary("bin/docker"), script);
        chmodSync(temporary("bin/docker"), 0o755);
        process.env["PATH"] = `${temporary("bin")}:${PATH}`;
    }

    const today = (...cnis: string[]) =>
        nodeImages(
            builder.dir,
            CNIS.filter(({ name }) => cnis.includes(name)),
        );
    const of = () => {
        forgetSilentHosts();
        return MadeImages.of(
            { name: "demo", configFile: temporary("c.yaml") },
            builder,
            engine,
            temporary("own"),
        );
    };
    const file = () => temporary("own", "images", "demo.json");
    const record = (images: object) => {
        mkdirSync(join(file(), ".."), { recursive: true });
        writeFileSync(file(), JSON.stringify(images));
    };
    /** As another version of this program has made them. */
    const other = (...cnis: string[]): NodeImages => ({
        ...today(...cnis),
        node: "multinet.local/kindest-node:v1.34.4-0123456789ab",
    });

    it("stay what the nodes run on, although they would be made differently today", async () => {
        record(other());
        containers(other().node);
        const images = (await of())!;
        assert.deepEqual(images.parts, []);
        assert.equal(await images.areIn(engine), true);
        await images.load(engine);
        assert.deepEqual(JSON.parse(readFileSync(file(), "utf8")), other());
    });

    it("stay so where images could be pulled by now", async () => {
        record(other());
        containers(other().node);
        answers = () => new Response("", { status: 401 });
        assert.ok(await of());
        containers("");
        assert.equal(await of(), undefined);
    });

    it("are today's when no node runs on the old ones", async () => {
        record(other());
        const images = (await of())!;
        assert.deepEqual(images.parts, nodeImageParts([]));
    });

    it("are today's when the old ones lack what the stack or this version needs", async () => {
        for (const [stack, images] of [
            ["a: { primary: cilium }", other()],
            ["", { ...other(), node: "multinet.local/kindest-node:v1.33.0-0123456789ab" }],
            ["", { ...other(), multus: "multinet.local/multus:v4.1.0" }],
            [
                "a: { primary: cilium }",
                { ...other(), charts: { cilium: "/c/pieces/cilium-chart-v1.17.0-ab/cilium" } },
            ],
            ["", {}],
        ] as const) {
            stackFile(stack);
            record(images);
            containers("node" in images ? images.node : "");
            const { parts } = (await of())!;
            assert.ok(parts.includes("kubernetes"), JSON.stringify(images));
        }
    });

    it("keep the CNI plugins that the nodes have, with the charts of this cache", async () => {
        stackFile("a: { primary: cilium }");
        const moved = {
            cilium: today("cilium").charts!.cilium!.replace(temporary("cache"), "/elsewhere"),
        };
        record({ ...other("cilium"), charts: moved });
        containers(other().node);
        const images = (await of())!;
        assert.deepEqual(images.parts, ["cilium-chart"]);
        await images.load(engine);
        assert.deepEqual(JSON.parse(readFileSync(file(), "utf8")), other("cilium"));
    });

    it("are not made because a page is in the place of a registry", async () => {
        for (const status of [403, 503]) {
            answers = () => new Response("blocked", { status, headers: { "retry-after": "0" } });
            await assert.rejects(
                of(),
                new RegExp(`answered ${status}.*MULTINET_SOURCE=build`, "s"),
            );
        }
        const headers = { "content-type": "text/html; charset=utf-8" };
        answers = () => new Response("<html>", { headers });
        await assert.rejects(of(), /answered 200 with a web page.*images\.mirror/);
        answers = () => new Response("{}");
        assert.equal(await of(), undefined);
    });

    it("are not made because one of the registries cannot be reached", async () => {
        answers = (url) => (url.includes("ghcr") ? offline() : new Response("", { status: 401 }));
        await assert.rejects(of(), /only some.* ghcr\.io cannot be reached.*images\.mirror/);
    });

    it("are made, or not, as the user says", async () => {
        answers = () => assert.fail("nothing is asked for");
        process.env["MULTINET_SOURCE"] = "build";
        assert.ok(await of());
        assert.match(said, /made on this machine: MULTINET_SOURCE=build/);
        process.env["MULTINET_SOURCE"] = "download";
        assert.equal(await of(), undefined);
        delete process.env["MULTINET_SOURCE"];
        answers = offline;
        assert.ok(await of(), "that was no finding");
    });

    it("are made where no registry answers, and the reason is said", async () => {
        assert.ok(await of());
        assert.match(said, /made on this machine: .*cannot be reached: no such host/);
        answers = () => new Response("", { status: 401 });
        assert.equal(await of(), undefined);
        assert.match(said, /pulled from registry-1\.docker\.io and ghcr\.io/);
        answers = offline;
        assert.equal(await of(), undefined, "a laptop that is offline today");
    });
});
