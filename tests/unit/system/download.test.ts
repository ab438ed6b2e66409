import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { readFileSync } from "node:fs";
import { checksumIn, download, offer } from "../../../system/download.ts";
import { forgetSilentHosts, Unavailable } from "../../../system/http.ts";
import { temporaryDirectory } from "../temporary.ts";

describe("download", () => {
    const temporary = temporaryDirectory();
    const content = "a program";
    const sha256 = createHash("sha256").update(content).digest("hex");
    const sha1 = createHash("sha1").update(content).digest("hex");
    const files: Record<string, string> = {};
    /** What the server answers before anything else; 0: a part of the file. */
    const trouble: number[] = [];
    const asked: string[] = [];
    let server: Server;
    let base = "";

    before((done) => {
        server = createServer((request, response) => {
            asked.push(`${request.method} ${request.headers.range ?? "all"}`);
            const status = trouble.shift();
            if (status === 0) {
                response.writeHead(200, { "content-length": 1000 }).write("a part");
                setImmediate(() => response.destroy());
                return;
            }
            if (status !== undefined) {
                response.writeHead(status, { "retry-after": "0" }).end("wait");
                return;
            }
            const file = files[request.url ?? ""];
            response.writeHead(file === undefined ? 404 : 200).end(file);
        }).listen(0, "127.0.0.1", () => {
            base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
            done();
        });
    });
    after(() => server.close());
    beforeEach(() => {
        forgetSilentHosts();
        trouble.length = 0;
        asked.length = 0;
        files["/program"] = content;
    });

    it("takes a file with the pinned checksum", async () => {
        await download({ url: `${base}/program`, sha256 }, temporary("file"));
        assert.equal(readFileSync(temporary("file"), "utf8"), content);
    });

    it("refuses any other file, and says where the checksum came from", async () => {
        files["/program"] = "something else";
        const damaged = download({ url: `${base}/program`, sha256 }, temporary("file"));
        await assert.rejects(damaged, (error: Error) => {
            assert.ok(!(error instanceof Unavailable), "nothing may be used in its place");
            assert.match(error.message, /versions\.ts.*not used/s);
            return true;
        });
    });

    it("takes the publisher's list where none is pinned, and SHA-1 where there is nothing better", async () => {
        const source = { url: `${base}/program`, checksums: `${base}/sums` };
        files["/sums"] =
            `${"0".repeat(40)}  ./program\n${"0".repeat(64)}  other\n${sha256}  ./program\n`;
        await download(source, temporary("file"));
        await download({ ...source, sha1Only: true }, temporary("file"));
        files["/sums"] = `${sha1}  program\n`;
        await assert.rejects(download(source, temporary("file")), /no SHA-256 checksum/);
        await download({ ...source, sha1Only: true }, temporary("file"));
        files["/sums"] = `${"0".repeat(64)}  program\n`;
        await assert.rejects(download(source, temporary("file")), /was expected \(from .*sums\)/);
    });

    it("asks a server again that is busy", async () => {
        trouble.push(429, 503);
        assert.deepEqual((await offer(`${base}/program`)).offered, true);
        trouble.push(502, 500);
        await download({ url: `${base}/program`, sha256 }, temporary("file"));
        trouble.push(503, 503, 503);
        const busy = await offer(`${base}/program`);
        assert.equal(busy.offered, false);
        assert.match(busy.why, /program answered 503\.$/);
    });

    it("asks for a byte, as redirects of releases are signed for GET", async () => {
        assert.equal((await offer(`${base}/program`)).offered, true);
        assert.deepEqual(asked, ["GET bytes=0-0"]);
    });

    it("is unavailable when the server breaks off", async () => {
        trouble.push(0);
        const broken = download({ url: `${base}/program`, sha256 }, temporary("file"));
        await assert.rejects(broken, (error: Error) => error instanceof Unavailable);
    });

    it("is unavailable when the server lacks the file or its checksum", async () => {
        const there = { url: `${base}/program`, checksums: `${base}/none` };
        await assert.rejects(download(there, temporary("file")), Unavailable);
        await assert.rejects(
            download({ url: `${base}/none`, sha256 }, temporary("file")),
            Unavailable,
        );
        assert.match((await offer(`${base}/none`)).why, /answered 404/);
        assert.equal(asked.length, 3); // what is not there is not asked for again
    });

    it("does not ask a host again that could not be reached", async () => {
        const closed = createServer().listen(0, "127.0.0.1");
        await new Promise((resolve) => closed.once("listening", resolve));
        const { port } = closed.address() as AddressInfo;
        await new Promise((resolve) => closed.close(resolve));
        const source = { url: `http://127.0.0.1:${port}/program`, sha256 };
        assert.match((await offer(source.url)).why, /cannot be reached: .*ECONNREFUSED/);
        await assert.rejects(download(source, temporary("file")), /did not answer before/);
    });
});

describe("list of checksums", () => {
    const sum = "ab".repeat(32);

    it("is read as sha256sum and shasum print it", () => {
        for (const name of ["file", "*file", "./file"]) {
            assert.equal(
                checksumIn(
                    `${"0".repeat(64)}  file2\n${sum.toUpperCase()}  ${name}\n`,
                    "file",
                    "list",
                ),
                sum,
            );
        }
    });

    it("must name the file, with a sum of a known kind", () => {
        assert.throws(
            () => checksumIn(`${sum}  other`, "file", "list"),
            /list has no SHA-256 checksum for file/,
        );
        assert.throws(() => checksumIn(`${"ab".repeat(8)}  file`, "file", "list"), Unavailable);
    });
});
