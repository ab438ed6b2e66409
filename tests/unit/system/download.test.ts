import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { checksumIn, download, whyNotOffered } from "../../../system/download.ts";
import { forgetSilentHosts, type Limits } from "../../../system/http.ts";
import { DownloadFailed, Unavailable } from "../../../system/source.ts";
import { Internet } from "../../fixtures/internet.ts";
import { temporaryDirectory, withoutChoice } from "../temporary.ts";

describe("download", () => {
    const folder = mkdtempSync(join(tmpdir(), "multinet-internet-"));
    const temporary = temporaryDirectory();
    withoutChoice();
    const certificates = getCACertificates("default");
    const content = "a program ".repeat(1000);
    const sha256 = createHash("sha256").update(content).digest("hex");
    const sha1 = createHash("sha1").update(content).digest("hex");
    const release = "https://github.com/someone/tool/releases/download/v1";
    const source = { url: `${release}/program`, sha256 };
    const listed = { url: `${release}/program`, checksums: `${release}/sums` };
    /** How long was waited before each further try, in milliseconds; it is not really waited. */
    const waited: number[] = [];
    const limits: Partial<Limits> = {
        wait: async (milliseconds) => void waited.push(milliseconds),
    };
    let internet: Internet;

    before(async () => {
        internet = await Internet.open(folder);
        setDefaultCACertificates([...certificates, readFileSync(internet.certificate, "utf8")]);
    });
    after(async () => {
        setDefaultCACertificates(certificates);
        await internet.close();
        rmSync(folder, { recursive: true });
    });
    beforeEach(() => {
        forgetSilentHosts();
        process.env["MULTINET_DOWNLOADS"] = `${internet.mirror}/`;
        internet.forget();
        internet.publish(source, content);
        waited.length = 0;
    });

    const file = () => temporary("file");
    const take = (more: Partial<Limits> = {}, what: Parameters<typeof download>[0] = source) =>
        download(what, file(), { limits: { ...limits, ...more } });
    const isWhole = () => assert.equal(readFileSync(file(), "utf8"), content);
    /** Parts of the file that were asked for, behind the redirect. */
    const parts = () =>
        internet.asked
            .filter((request) => request.startsWith("GET /store"))
            .map((request) => request.split(" ")[2] ?? "all");
    const fails = (taking: Promise<unknown>, message: RegExp) =>
        assert.rejects(taking, (error: Error) => {
            assert.ok(error instanceof DownloadFailed, `${error.stack}`);
            assert.match(error.message, message);
            assert.match(error.message, /MULTINET_SOURCE=build/);
            return true;
        });

    it("takes a file with the pinned checksum, from behind a redirect", async () => {
        await take();
        isWhole();
        assert.deepEqual(internet.asked, [
            "GET /github.com/someone/tool/releases/download/v1/program",
            "GET /store",
        ]);
    });

    it("refuses any other file, and says where the checksum came from", async () => {
        internet.write(source.url, "something else");
        await fails(take(), /downloads\.ts.*not used/);
        internet.write(source.url, "\n<!DOCTYPE html><title>Please log in</title>");
        await fails(take(), /It is a web page/);
    });

    it("takes the publisher's list where none is pinned, and SHA-1 where there is nothing better", async () => {
        internet.write(
            listed.checksums,
            `${"0".repeat(40)}  ./program\n${"0".repeat(64)}  other\n${sha256}  ./program\n`,
        );
        await take({}, listed);
        assert.ok(!existsSync(`${file()}.checksums`));
        await take({}, { ...listed, sha1Only: true });
        internet.write(listed.checksums, `${sha1}  program\n`);
        await fails(take({}, listed), /sums has no SHA-256 checksum for program/);
        await take({}, { ...listed, sha1Only: true });
        internet.write(listed.checksums, `${"0".repeat(64)}  program\n`);
        await fails(take({}, listed), /was expected \(from .*sums\)/);
        internet.write(listed.checksums, "<html>Blocked</html>");
        await fails(take({}, listed), /has no SHA-256 checksum.*web page/);
    });

    it("asks for a byte, as redirects of releases are signed for GET", async () => {
        assert.equal(await whyNotOffered(source), undefined);
        assert.deepEqual(parts(), ["bytes=0-0"]);
        const head = await fetch(
            `${internet.mirror}/github.com/someone/tool/releases/download/v1/program`,
            {
                method: "HEAD",
            },
        );
        assert.equal(head.status, 403, "the test's server is like the real ones");
    });

    it("asks a busy server again, when that says so", async () => {
        internet.trouble(
            source.url,
            { status: 429, headers: { "retry-after": "7" } },
            { status: 503, headers: { "retry-after": "Thu, 01 Jan 1970 00:00:00 GMT" } },
        );
        await take();
        isWhole();
        assert.deepEqual(waited, [7000, 0]);
        internet.trouble(source.url, { status: 502 }, { status: 500 });
        assert.equal(await whyNotOffered(source, { limits }), undefined);
    });

    it("fails when a server stays busy, or wants too long a pause", async () => {
        internet.trouble(source.url, { status: 503 }, { status: 503 }, { status: 503 });
        await fails(whyNotOffered(source, { limits }), /redirected to 127\.0\.0\.1.* answered 503/);
        internet.trouble(source.url, { status: 429, headers: { "retry-after": "3600" } });
        await fails(take(), /answered 429, .* Try again in 3600 s/);
        assert.equal(internet.asked.length, 2 * 3 + 2);
    });

    it("fails when a page is in its place, which is asked for once", async () => {
        for (const status of [403, 401, 451]) {
            internet.forget();
            internet.trouble(source.url, { status });
            await fails(take(), new RegExp(`answered ${status}: .*MULTINET_DOWNLOADS`));
            assert.deepEqual(parts(), ["all"]);
            internet.trouble(source.url, { status });
            await fails(whyNotOffered(source), new RegExp(`answered ${status}`));
        }
    });

    it("goes on where the server broke off", async () => {
        internet.trouble(source.url, { cutAfter: 1000 }, { cutAfter: 500 });
        await take();
        isWhole();
        const asked = parts();
        assert.equal(asked.length, 3);
        assert.equal(asked[0], "all");
        for (const part of asked.slice(1)) {
            assert.match(part, /^bytes=\d+-$/);
        }
    });

    it("takes as many tries as it needs, as long as each brings it forward", async () => {
        internet.trouble(source.url, ...Array.from({ length: 9 }, () => ({ cutAfter: 1000 })));
        await take();
        isWhole();
        assert.equal(parts().length, 10);
    });

    it("begins again where the server cannot send a part, and gives up in the end", async () => {
        internet.ranges = false;
        internet.trouble(source.url, { cutAfter: 3000 });
        await take();
        isWhole();
        const always = Array.from({ length: 9 }, () => ({ cutAfter: 3000 }));
        internet.trouble(source.url, ...always);
        await fails(take(), /broke off after 3000 of 10000 bytes/);
        assert.equal(parts().length, 2 + 3);
    });

    for (const conditions of [true, false]) {
        const server = conditions ? "says" : "only shows by its length";
        it(`begins again where the server ${server} that it has another file by now`, async () => {
            internet.conditions = conditions;
            internet.write(source.url, "x".repeat(5000));
            internet.trouble(source.url, { cutAfter: 2000 }, () =>
                internet.publish(source, content),
            );
            await take();
            isWhole();
            assert.equal(parts().length, conditions ? 2 : 3);
        });
    }

    it("waits for a server that says nothing, and asks it again", async () => {
        internet.trouble(source.url, { silentAfter: undefined }, { silentAfter: 2000 });
        await take({ silence: 200, tries: 50 }); // a busy machine may be silent, too
        isWhole();
        const silent = Array.from({ length: 3 }, () => ({ silentAfter: undefined }));
        internet.trouble(source.url, ...silent);
        await fails(take({ silence: 20 }), /did not answer: nothing within 0\.02 s/);
    });

    it("is unavailable when the server lacks the file or the list", async () => {
        await assert.rejects(take({}, { ...listed, checksums: `${release}/none` }), Unavailable);
        const none = { url: `${release}/none`, sha256 };
        await assert.rejects(take({}, none), Unavailable);
        assert.match((await whyNotOffered(none))!, /none, redirected to .*, answered 404\.$/);
        assert.equal(parts().length, 3); // what is not there is not asked for again
    });

    it("is unavailable when the host cannot be reached, which is not asked again", async () => {
        let connections = 0;
        const server = createServer(() => connections++).listen(0, "127.0.0.1");
        await once(server, "listening");
        const { port } = server.address() as AddressInfo;
        server.close();
        await once(server, "close");
        process.env["MULTINET_DOWNLOADS"] = `http://127.0.0.1:${port}`;
        try {
            assert.match((await whyNotOffered(source))!, /cannot be reached: .*ECONNREFUSED/);
            server.listen(port, "127.0.0.1");
            await once(server, "listening");
            await assert.rejects(take(), Unavailable);
            assert.equal(connections, 0);
        } finally {
            server.close();
        }
    });

    it("does not trust a certificate that nobody vouches for", async () => {
        const other = await Internet.open(temporary("other"));
        process.env["MULTINET_DOWNLOADS"] = other.mirror;
        try {
            await fails(
                take(),
                /certificate of localhost.*self-signed.*NODE_EXTRA_CA_CERTS.*NODE_USE_SYSTEM_CA/s,
            );
            await fails(whyNotOffered(source), /self-signed certificate/);
            assert.deepEqual(other.asked, []);
        } finally {
            await other.close();
        }
    });

    it("ends at once when it is interrupted", async () => {
        const interrupt = new AbortController();
        internet.trouble(source.url, { silentAfter: 100 });
        const taking = download(source, file(), { signal: interrupt.signal });
        interrupt.abort(new Error("Ctrl-C"));
        await assert.rejects(taking, /Ctrl-C/);
    });

    it("tells an error of the disk from one of the server", async () => {
        const taking = download(source, temporary("no", "folder"));
        await assert.rejects(taking, (error: NodeJS.ErrnoException) => error.code === "ENOENT");
    });
});

describe("list of checksums", () => {
    const sum = "ab".repeat(32);

    it("is read as sha256sum and shasum print it", () => {
        for (const name of ["file", "*file", "./file"]) {
            const text = `${"0".repeat(64)}  file2\n${sum.toUpperCase()}  ${name}\n`;
            assert.equal(checksumIn(text, "file"), sum);
        }
    });

    it("must name the file, with a sum of a known kind", () => {
        assert.equal(checksumIn(`${sum}  other`, "file"), undefined);
        assert.equal(checksumIn(`${"ab".repeat(8)}  file`, "file"), undefined);
    });
});
