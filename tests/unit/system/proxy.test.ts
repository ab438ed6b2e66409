import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { downloads } from "../../../plan/downloads.ts";
import { TARGETS } from "../../../plan/targets.ts";
import { Internet } from "../../fixtures/internet.ts";
import { TestProxy } from "../../fixtures/testProxy.ts";

const run = promisify(execFile);

/** Downloads with what `npm run up` sets, and says what came of it: a process of its own, as Node reads that at its start. */
const PROGRAM = `
    const [system, source, into] = process.argv.slice(1);
    const { download } = await import(system + "/download.ts");
    await download(JSON.parse(source), into).then(
        () => console.log("downloaded"),
        (error) => console.log(error.constructor.name + ": " + error.message),
    );
`;

describe("download through a proxy", () => {
    const folder = mkdtempSync(join(tmpdir(), "multinet-proxy-"));
    const { url } = downloads(TARGETS["linux-arm64"]).kind;
    const proxies: TestProxy[] = [];
    let internet: Internet;
    let sha256: string;

    before(async () => {
        internet = await Internet.open(join(folder, "internet"));
        sha256 = internet.publish({ url }, "kind");
    });
    after(async () => {
        for (const proxy of proxies) {
            await proxy.close();
        }
        await internet.close();
        rmSync(folder, { recursive: true });
    });

    async function open(demands: { login?: string; status?: number } = {}): Promise<TestProxy> {
        const proxy = await TestProxy.open(internet.port, demands);
        proxies.push(proxy);
        return proxy;
    }

    async function take(proxy: string, certificate = internet.certificate): Promise<string> {
        const { PATH } = process.env;
        const env = {
            PATH,
            NODE_USE_ENV_PROXY: "1",
            HTTPS_PROXY: proxy,
            NODE_EXTRA_CA_CERTS: certificate,
        };
        const system = join(import.meta.dirname, "..", "..", "..", "system");
        const source = JSON.stringify({ url, sha256 });
        const args = ["--input-type=module", "-e", PROGRAM, system, source, join(folder, "kind")];
        const { stdout } = await run(process.execPath, args, { env });
        return stdout.trim();
    }

    it("takes the publisher's own addresses, with the certificate that the user names", async () => {
        const proxy = await open({ login: "user:secret" });
        assert.equal(await take(proxy.url("user:secret")), "downloaded");
        assert.equal(readFileSync(join(folder, "kind"), "utf8"), "kind");
        assert.deepEqual(proxy.asked, [
            "github.com:443",
            "release-assets.githubusercontent.com:443",
        ]);
    });

    it("says that the proxy demands a login, and how to give it", async () => {
        const proxy = await open({ login: "user:secret" });
        const said = await take(proxy.url());
        assert.match(
            said,
            /^DownloadFailed: .*login.*github\.com.*HTTPS_PROXY=http:\/\/USER:PASSWORD/s,
        );
        assert.equal(proxy.asked.length, 1);
    });

    it("says that the proxy does not let the host through", async () => {
        const proxy = await open({ status: 403 });
        assert.match(await take(proxy.url()), /^DownloadFailed: .*github\.com: it answered 403/);
    });

    it("is not taken for offline when it is the proxy that cannot be reached", async () => {
        const said = await take("http://user:secret@127.0.0.1:1");
        assert.match(said, /^DownloadFailed: The proxy 127\.0\.0\.1:1 cannot be reached/);
        assert.ok(!said.includes("secret"));
    });

    it("is not taken for offline when the proxy has a certificate of its own", async () => {
        const proxy = await open();
        const said = await take(proxy.url(), "");
        assert.match(said, /^DownloadFailed: The certificate of github\.com .*NODE_EXTRA_CA_CERTS/);
    });
});
