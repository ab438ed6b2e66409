import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { objectsOf } from "../../../provider/helm/manifest.ts";
import { revisionOf, standingOf } from "../../../provider/helm/release.ts";

describe("a Helm release", () => {
    const content = {
        name: "multus",
        namespace: "kube-system",
        version: 3,
        info: { status: "deployed" },
        config: { repair: "1" },
        manifest: "---\nkind: ConfigMap\n",
    };
    const base64 = (data: string | Buffer) => Buffer.from(data).toString("base64");
    const gzipped = base64(gzipSync(JSON.stringify(content)));
    const secret = (version = 3, status = "deployed", packed = gzipped) => ({
        metadata: {
            name: `sh.helm.release.v1.multus.v${version}`,
            namespace: "kube-system",
            labels: { owner: "helm", name: "multus", status, version: `${version}` },
        },
        data: { release: base64(packed) },
    });

    it("is read from its Secret", () => {
        assert.deepEqual(revisionOf(secret()), {
            secret: "sh.helm.release.v1.multus.v3",
            name: "multus",
            namespace: "kube-system",
            version: 3,
            status: "deployed",
            content,
        });
        const plain = secret(3, "deployed", base64(JSON.stringify(content)));
        assert.deepEqual(revisionOf(plain), revisionOf(secret()));
    });

    for (const [what, packed, why] of [
        ["text", base64("abc"), /^it is damaged$/],
        ["a release cut off", gzipped.slice(0, 40), /^it is damaged$/],
        ["nothing", "", /^it is damaged$/],
        ["a number", base64("1"), /holds no release/],
        ["null", base64("null"), /holds no release/],
    ] as const) {
        it(`whose Secret holds ${what} is none that can be read`, () => {
            const { content, unreadable, version } = revisionOf(secret(4, "deployed", packed));
            assert.equal(content, undefined);
            assert.match(unreadable ?? "", why);
            assert.equal(version, 4);
        });
    }

    it("whose Secret has no data at all is none that can be read", () => {
        const { metadata } = secret();
        assert.match(revisionOf({ metadata }).unreadable ?? "", /damaged/);
    });

    const standing = (...all: [version: number, status: string, packed?: string][]) => {
        const found = standingOf(all.map((one) => revisionOf(secret(...one))));
        return [found.deployed?.version, found.newest?.version, found.unusable];
    };

    it("stands as its newest deployed revision", () => {
        assert.deepEqual(standing([2, "deployed"], [1, "deployed"]), [2, 2, undefined]);
        assert.deepEqual(standing([1, "deployed"], [2, "failed"]), [1, 2, undefined]);
        assert.deepEqual(standing([1, "failed"]), [undefined, 1, undefined]);
        assert.deepEqual(standing(), [undefined, undefined, undefined]);
    });

    it("is blocked by an unfinished revision only while that is the newest", () => {
        const left = (revision: number, status: string) => `revision ${revision} left ${status}`;
        for (const status of ["pending-upgrade", "pending-rollback", "uninstalling", "unknown"]) {
            assert.deepEqual(standing([1, "deployed"], [2, status]), [1, 2, left(2, status)]);
        }
        assert.deepEqual(standing([1, "pending-install"]), [
            undefined,
            1,
            left(1, "pending-install"),
        ]);
        assert.deepEqual(standing([1, "pending-install"], [2, "deployed"]), [2, 2, undefined]);
        assert.deepEqual(standing([9, "deployed"], [10, "failed"]), [9, 10, undefined]);
    });

    it("is blocked by a newest revision that cannot be read", () => {
        const [deployed, newest, unusable] = standing([1, "deployed"], [2, "deployed", "x"]);
        assert.deepEqual([deployed, newest], [1, 2]);
        assert.match(
            String(unusable),
            /^revision 2 cannot be read \(Secret sh\.helm\.release\.v1\.multus\.v2\): it is damaged$/,
        );
        assert.deepEqual(standing([1, "deployed", "x"], [2, "deployed"]), [2, 2, undefined]);
    });

    it("has a manifest in YAML 1.1", () => {
        const manifest =
            "---\n# Source: x\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\nmode: 0644\n";
        assert.deepEqual(objectsOf(manifest), [
            { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, mode: 420 },
        ]);
    });

    it("has texts in its manifest that only YAML 1.1 takes for dates and times", () => {
        const manifest = "kind: ConfigMap\na: 2026-01-01\nb: 22:30\nc: 1e+06\nd: yes\n";
        assert.deepEqual(objectsOf(manifest), [
            { kind: "ConfigMap", a: "2026-01-01", b: "22:30", c: 1e6, d: true },
        ]);
    });

    it("has the elements of its lists, whatever they leave to the list's name", () => {
        const manifest =
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleList\n" +
            "items: [{metadata: {name: a}}, {kind: Other, metadata: {name: b}}]\n---\n" +
            "apiVersion: v1\nkind: AllowList\nitems: x\n";
        assert.deepEqual(
            objectsOf(manifest).map(({ apiVersion, kind }) => `${apiVersion} ${kind}`),
            [
                "rbac.authorization.k8s.io/v1 Role",
                "rbac.authorization.k8s.io/v1 Other",
                "v1 AllowList",
            ],
        );
    });
});
