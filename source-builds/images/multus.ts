import { join } from "node:path";
import { versions } from "../../plan/versions.ts";
import type { Image } from "./archive.ts";
import { Layer } from "./layer.ts";

export const MULTUS_IMAGE = `multinet.local/multus:${versions.multus}`;

/** Decides, with its artifact, what the image holds; the number is raised when the code below puts in other things. */
export const MULTUS_RECIPE = ["multus 1", MULTUS_IMAGE];

/** Thin Multus laid out as in its project's own image, so that its manifests and charts run unchanged. */
export function multus(binaries: string): Image {
    const layer = new Layer()
        .directory("/tmp", 0o1777)
        .directory("/run")
        // The runtime names network namespaces below /var/run, DaemonSets mount them below /run.
        .link("/var/run", "/run")
        .text("/etc/passwd", "root:x:0:0:root:/root:/sbin/nologin\n")
        .text("/etc/group", "root:x:0:\n");
    const sources = "/usr/src/multus-cni/bin";
    const files = {
        [`${sources}/multus`]: "multus",
        [`${sources}/passthru`]: "passthru-cni",
        "/install_multus": "install_multus",
        "/thin_entrypoint": "thin_entrypoint",
    };
    for (const [path, name] of Object.entries(files)) {
        layer.file(path, join(binaries, name), 0o755);
    }
    return { name: MULTUS_IMAGE, layer, entrypoint: ["/thin_entrypoint"] };
}
