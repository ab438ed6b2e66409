import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { readFileSync } from "node:fs";
import {
    checksumIn,
    download,
    forgetSilentHosts,
    status,
    Unavailable,
} from "../../../toolchain/download.ts";
import { temporaryDirectory } from "./temporary.ts";

describe("download", () => {
    const temporary = temporaryDirectory();
    const content = "a program";
    const sha256 = createHash("sha256").update(content).digest("hex");
    const sha1 = createHash("sha1").update(content).digest("hex");
    const files: Record<string, string> = {};
    let server: Server;
    let base = "";

    before((done) => {
        server = createServer((request, response) => {
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

    it("takes the publisher's list where none is pinned, by the length of its sums", async () => {
        const source = { url: `${base}/program`, checksums: `${base}/sums` };
        for (const sum of [sha256, sha1]) {
            files["/sums"] = `${"0".repeat(sum.length)}  other\n${sum}  ./program\n`;
            await download(source, temporary("file"));
        }
        files["/sums"] = `${"0".repeat(64)}  program\n`;
        await assert.rejects(download(source, temporary("file")), /was expected \(from .*sums\)/);
    });

    it("is unavailable when the server lacks the file or its checksum", async () => {
        const there = { url: `${base}/program`, checksums: `${base}/none` };
        await assert.rejects(download(there, temporary("file")), Unavailable);
        await assert.rejects(
            download({ url: `${base}/none`, sha256 }, temporary("file")),
            Unavailable,
        );
        assert.equal(await status(`${base}/none`), 404);
    });

    it("does not ask a host again that could not be reached", async () => {
        const closed = createServer().listen(0, "127.0.0.1");
        await new Promise((resolve) => closed.once("listening", resolve));
        const { port } = closed.address() as AddressInfo;
        await new Promise((resolve) => closed.close(resolve));
        const source = { url: `http://127.0.0.1:${port}/program`, sha256 };
        assert.equal(await status(source.url), undefined);
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
            /list has no checksum for file/,
        );
        assert.throws(() => checksumIn(`${"ab".repeat(8)}  file`, "file", "list"), Unavailable);
    });
});
