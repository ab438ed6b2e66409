import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { ProgramStack } from "../../benchmarks/programStack.ts";
import { resolveCharts, resolveImages, type Local } from "../../plan/images.ts";
import { Testbed } from "../../components/testbed.ts";
import { registered } from "../component/mocks.ts";
import { full } from "./full.ts";
import type { Rendering } from "./render/index.ts";

const MIRROR = "mirror.example.com/copies";

/** A Kubernetes object as far as it matters here. */
interface KubeObject {
    kind: string;
    spec?: { registry?: string; template?: { spec?: PodSpec } };
}
interface PodSpec {
    containers: { image: string }[];
    initContainers?: { image: string }[];
}

/** The charts themselves are rendered, with the values that the testbed gives them. */
full("with a mirror", function () {
    this.timeout(120_000);
    let folder: string;
    let objects: KubeObject[];

    before(async () => {
        folder = mkdtempSync(join(tmpdir(), "multinet-mirror-"));
        const files = join(folder, "files");
        const program = {
            project: "multinet-render",
            source: join(import.meta.dirname, "render"),
            config: {},
            env: { RENDER: JSON.stringify({ folder: files, charts: await charts() }) },
        };
        const stack = new ProgramStack(program, folder, AbortSignal.timeout(100_000));
        await stack.init();
        await stack.up();
        objects = readdirSync(files, { recursive: true, encoding: "utf8" })
            .filter((file) => file.endsWith(".yaml"))
            .flatMap((file) => parseAllDocuments(readFileSync(join(files, file), "utf8")))
            .map((document) => document.toJS() as KubeObject);
    });
    after(() => {
        rmSync(folder, { recursive: true });
    });

    it("every container of every chart comes from it", () => {
        const images = objects
            .flatMap(({ spec }) => spec?.template?.spec ?? [])
            .flatMap(({ containers, initContainers = [] }) => [...containers, ...initContainers])
            .map(({ image }) => image);
        const repositories = images.map((image) => image.replace(/[:@].*/, ""));
        assert.deepEqual([...new Set(repositories)].sort(), [
            `${MIRROR}/cilium/cilium`,
            `${MIRROR}/cilium/operator-generic`,
            `${MIRROR}/k8snetworkplumbingwg/multus-cni`,
            `${MIRROR}/nicolaka/netshoot`,
            `${MIRROR}/tigera/operator`,
        ]);
        for (const image of images) {
            assert.match(image, /:v\d/, "pinned");
        }
    });

    it("so does what Calico's operator installs", () => {
        const installations = objects.filter(({ kind }) => kind === "Installation");
        assert.deepEqual(
            installations.map(({ spec }) => spec?.registry),
            [`${MIRROR}/`],
        );
    });
});

/** All releases of a cluster with Calico, and Cilium beside it. */
async function charts(): Promise<Rendering["charts"]> {
    const config = {
        clusters: { edge1: { primary: "calico" } },
        networks: { overlay: { type: "cilium", cidr: "10.245.0.0/16" }, links: { type: "ptp" } },
    };
    const local = JSON.parse(readFileSync(process.env["MULTINET_IMAGES"]!, "utf8")) as Local;
    const all = await registered(() => {
        new Testbed("testbed", config, {
            host: {
                images: resolveImages({ mirror: MIRROR }),
                charts: resolveCharts(local),
                mirror: MIRROR,
                archives: [],
                kubeconfigs: "/kubeconfigs",
            },
        });
    });
    return (
        [...all.values()]
            .filter(({ type }) => type === "kubernetes:helm.sh/v3:Release")
            // A definition of a network has no containers.
            .filter(({ inputs }) => !String(inputs["name"]).startsWith("attachment"))
            .map(({ inputs }) => ({
                name: inputs["name"] as string,
                path: inputs["chart"] as string,
                namespace: inputs["namespace"] as string,
                values: inputs["values"] as Record<string, unknown>,
            }))
    );
}
