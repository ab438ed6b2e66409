import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { forgetSilentHosts } from "../../../system/http.ts";
import { officialElse, unpack } from "../../../source-builds/official.ts";
import type { BuildContext } from "../../../source-builds/artifact.ts";
import { run } from "../../../system/process.ts";
import { temporaryDirectory, withoutChoice } from "../temporary.ts";

describe("official download", () => {
    const temporary = temporaryDirectory();
    withoutChoice();
    const archive = "/plugins.tgz";
    const files = new Map<string, Buffer | string>();
    let server: Server;
    let url: string;
    let blocked: boolean;

    before((done) => {
        server = createServer((request, response) => {
            const file = files.get(request.url ?? "");
            const status = blocked ? 403 : file === undefined ? 404 : 200;
            response.writeHead(status).end(file);
        }).listen(0, "127.0.0.1", () => {
            url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${archive}`;
            done();
        });
    });
    after(() => server.close());
    beforeEach(() => {
        forgetSilentHosts();
        blocked = false;
        mkdirSync(temporary("into"));
    });

    /** Offers an archive as the CNI project lays it out, with its checksum beside it. */
    function publish(sum?: string): void {
        mkdirSync(temporary("archive"));
        writeFileSync(temporary("archive/macvlan"), "program", { mode: 0o755 });
        writeFileSync(temporary("archive/LICENSE"), "text", { mode: 0o644 });
        const tar = execFileSync("tar", [
            "--create",
            "--gzip",
            "--directory",
            temporary("archive"),
            ".",
        ]);
        const sha256 = sum ?? createHash("sha256").update(tar).digest("hex");
        files.set(archive, tar);
        files.set(`${archive}.sha256`, `${sha256}  plugins.tgz\n`);
    }

    function take(
        build = async () => writeFileSync(temporary("into/macvlan"), "built"),
    ): Promise<void> {
        const context: BuildContext = {
            dir: (artifact) => artifact,
            run,
            status: () => {},
            signal: new AbortController().signal,
        };
        const into = temporary("into");
        return officialElse({ url, checksums: `${url}.sha256` }, into, context, build, (file) =>
            unpack(context, file, into, []),
        );
    }
    const read = (name: string) => readFileSync(temporary("into", name), "utf8");

    it("is unpacked, and its origin noted", async () => {
        publish();
        await take();
        assert.deepEqual(readdirSync(temporary("into")).sort(), ["LICENSE", "macvlan", "source"]);
        assert.equal(read("macvlan"), "program");
        assert.equal(statSync(temporary("into/macvlan")).mode & 0o777, 0o755);
        assert.equal(read("source"), `${url}\n`);
    });

    it("is replaced by a build where it cannot be had", async () => {
        files.clear();
        await take();
        assert.deepEqual(readdirSync(temporary("into")).sort(), ["macvlan", "source"]);
        assert.equal(read("macvlan"), "built");
        assert.match(read("source"), /^built from the pinned Go module: .* answered 404\.$/m);
    });

    it("tells both reasons when it can neither be had nor built", async () => {
        files.clear();
        const failing = take(async () => {
            throw new Error("Go is gone");
        });
        await assert.rejects(
            failing,
            /cannot be downloaded: .* answered 404.*built either: Go is gone/s,
        );
    });

    it("is not tried when the user wants a build, and is not replaced when he does not", async () => {
        publish();
        process.env["MULTINET_SOURCE"] = "build";
        await take();
        assert.equal(read("macvlan"), "built");
        assert.match(read("source"), /MULTINET_SOURCE=build/);
        process.env["MULTINET_SOURCE"] = "download";
        files.clear();
        await assert.rejects(take(), /answered 404\.\nMULTINET_SOURCE=download/);
    });

    it("is not replaced by a build when a page blocks it", async () => {
        publish();
        blocked = true;
        await assert.rejects(take(), /answered 403.*MULTINET_SOURCE=build/s);
        assert.ok(!readdirSync(temporary("into")).includes("macvlan"));
    });

    it("is refused, and nothing built in its place, when it is not what its publisher says", async () => {
        publish("0".repeat(64));
        await assert.rejects(take(), /it is not used/);
        assert.ok(!readdirSync(temporary("into")).includes("macvlan"));
    });
});
