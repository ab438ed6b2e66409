import assert from "node:assert/strict";
import { noAnswer } from "../../../system/connection.ts";
import { DownloadFailed, Unavailable } from "../../../system/source.ts";

describe("what a failed connection means", () => {
    const wrapped = (code: string, message: string) =>
        new TypeError("fetch failed", { cause: Object.assign(new Error(message), { code }) });
    const of = (error: Error, env: NodeJS.ProcessEnv = {}) =>
        noAnswer("https://github.com/a", error, env);

    it("is that the host is not there, or cannot be reached from here", () => {
        for (const [code, lasting] of [
            ["ENOTFOUND", true],
            ["ENETUNREACH", true],
            ["EAI_AGAIN", false],
            ["UND_ERR_CONNECT_TIMEOUT", false],
        ] as const) {
            const answer = of(wrapped(code, `connect ${code}`));
            assert.ok(answer.error instanceof Unavailable, code);
            assert.equal(answer.error.message, `github.com cannot be reached: connect ${code}.`);
            assert.equal(answer.lasting, lasting, code);
        }
    });

    it("is so too when several addresses were tried", () => {
        const inner = ["::1", "127.0.0.1"].map((address) =>
            Object.assign(new Error(`connect ECONNREFUSED ${address}:443`), {
                code: "ECONNREFUSED",
            }),
        );
        const both = Object.assign(new AggregateError(inner), { code: "ECONNREFUSED" });
        const { error } = of(new TypeError("fetch failed", { cause: both }));
        assert.ok(error instanceof Unavailable);
        assert.match(error.message, /connect ECONNREFUSED ::1:443/);
    });

    it("is never that there is no internet when something does answer", () => {
        for (const code of [
            "DEPTH_ZERO_SELF_SIGNED_CERT",
            "SELF_SIGNED_CERT_IN_CHAIN",
            "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
            "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
            "CERT_HAS_EXPIRED",
            "ERR_TLS_CERT_ALTNAME_INVALID",
            "EPROTO",
        ]) {
            const answer = of(wrapped(code, "why"));
            assert.ok(answer.error instanceof DownloadFailed, code);
            assert.match(answer.error.message, /NODE_EXTRA_CA_CERTS=FILE/);
            assert.ok(answer.lasting);
        }
        const reset = of(wrapped("ECONNRESET", "read ECONNRESET"));
        assert.ok(reset.error instanceof DownloadFailed && !reset.lasting);
        assert.equal((reset.error.cause as Error).message, "fetch failed");
    });

    it("is the proxy's where that cannot be reached", () => {
        const { error } = of(wrapped("ENOTFOUND", "getaddrinfo ENOTFOUND proxy.example"), {
            https_proxy: "http://user:secret@proxy.example:3128",
        });
        assert.ok(error instanceof DownloadFailed);
        assert.match(error.message, /^The proxy proxy\.example:3128 cannot be reached/);
        const other = of(wrapped("ENOTFOUND", "getaddrinfo ENOTFOUND github.com"), {
            HTTPS_PROXY: "http://proxy.example",
        });
        assert.ok(other.error instanceof Unavailable);
    });
});
