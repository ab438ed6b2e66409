import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { resolveCharts, resolveImages } from "../../../plan/images.ts";
import { downloads } from "../../../plan/downloads.ts";
import { TARGETS } from "../../../plan/targets.ts";
import { versions } from "../../../plan/versions.ts";

const MODULES = join(import.meta.dirname, "..", "..", "..", "source-builds", "modules");

/** The version of a module that a build takes. */
function built(folder: string, module: string): string | undefined {
    const text = readFileSync(join(MODULES, folder, "go.mod"), "utf8");
    return text
        .split("\n")
        .map((line) =>
            line
                .replace(/^require /, "")
                .trim()
                .split(" "),
        )
        .find(([name]) => name === module)?.[1];
}

const minor = (version: string) => /^v\d+\.\d+/.exec(version)?.[0];

describe("the table of versions", () => {
    it("has one minor version of Kubernetes, downloaded and built", () => {
        const { node } = resolveImages({});
        const [, tag = ""] = /:(v[^@]+)@/.exec(node) ?? [];
        const { url } = downloads(TARGETS["linux-x64"]).kubectl;
        const kubectl = /release\/(v[^/]+)\//.exec(url)?.[1] ?? "";
        const all = [tag, kubectl, built("kubernetes", "k8s.io/kubernetes") ?? ""];
        assert.deepEqual([...new Set(all.map(minor))], [minor(versions.kubernetes)]);
    });

    const BUILT: [folder: string, module: string, version: string][] = [
        ["kubernetes", "k8s.io/kubernetes", versions.kubernetes],
        ["kind", "sigs.k8s.io/kind", versions.kind],
        ["coredns", "github.com/coredns/coredns", versions.coredns],
        ["containerd", "github.com/containerd/containerd/v2", versions.containerd],
        ["cni", "github.com/containernetworking/plugins", versions.cniPlugins],
        ["cilium", "github.com/cilium/cilium", versions.cilium],
        ["multus", "gopkg.in/k8snetworkplumbingwg/multus-cni.v4", versions.multus],
        ["etcd", "go.etcd.io/etcd/server/v3", versions.etcd],
        ["tigera-operator", "github.com/tigera/operator", versions.tigeraOperator],
        ["pulumi", "github.com/pulumi/pulumi/pkg/v3", versions.pulumi],
    ];
    for (const [folder, module, version] of BUILT) {
        it(`is what ${module} is built of`, () => assert.equal(built(folder, module), version));
    }

    it("is what images and charts are taken of", () => {
        const charts = JSON.stringify(resolveCharts({}));
        assert.ok(charts.includes(`"${versions.calico}"`));
        assert.ok(charts.includes(`"${versions.cilium.slice(1)}"`));
        assert.ok(resolveImages({}).multus.endsWith(`:${versions.multus}`));
    });
});
