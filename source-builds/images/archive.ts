import { createHash } from "node:crypto";
import type { Layer } from "./layer.ts";
import { type Entry, tar, tarSize } from "../../system/tar.ts";

/** To be raised when archives (with `layer.ts` and `tar.ts`) get other bytes for the same images. */
export const ARCHIVE_FORMAT = "archive 1";

/** An image of one layer for linux/amd64. */
export interface Image {
    /** Full reference, such as `registry.k8s.io/pause:3.10.1`. */
    name: string;
    layer: Layer;
    entrypoint?: string[];
    command?: string[];
    /** `uid` or `uid:gid`; root if not given. */
    user?: string;
    /** `NAME=value` besides PATH. */
    environment?: string[];
    stopSignal?: string;
}

const PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * The bytes of an archive of `images` that `ctr images import`, `docker load` and `podman load` read. Equal images
 * give equal bytes. Files are streamed: no more than a few chunks are held in memory.
 */
export function archive(images: Image[]): AsyncGenerator<Buffer> {
    return tar(members(images));
}

async function* members(images: Image[]): AsyncGenerator<[string, Entry]> {
    const manifest: { Config: string; RepoTags: string[]; Layers: string[] }[] = [];
    for (const [number, image] of images.entries()) {
        const entries = image.layer.sorted();
        const hash = createHash("sha256");
        async function* hashed(): AsyncGenerator<Buffer> {
            for await (const chunk of tar(entries)) {
                hash.update(chunk);
                yield chunk;
            }
        }
        const layer = `${number}/layer.tar`;
        yield [layer, file(tarSize(entries), hashed)];
        // The layer has been written when the reader asks for what follows it: now its digest is known.
        const config = Buffer.from(JSON.stringify(describe(image, hash.digest("hex"))));
        const name = `${createHash("sha256").update(config).digest("hex")}.json`;
        yield [name, file(config.length, config)];
        manifest.push({ Config: name, RepoTags: [image.name], Layers: [layer] });
    }
    const text = Buffer.from(JSON.stringify(manifest));
    yield ["manifest.json", file(text.length, text)];
}

function file(size: number, from: Buffer | (() => AsyncIterable<Buffer>)): Entry {
    return { kind: "file", mode: 0o644, uid: 0, gid: 0, size, from };
}

function describe(image: Image, layerDigest: string): object {
    const created = "2024-01-01T00:00:00Z";
    return {
        architecture: "amd64",
        os: "linux",
        created,
        config: {
            Env: [PATH, ...(image.environment ?? [])],
            WorkingDir: "/",
            ...(image.entrypoint && { Entrypoint: image.entrypoint }),
            ...(image.command && { Cmd: image.command }),
            ...(image.user && { User: image.user }),
            ...(image.stopSignal && { StopSignal: image.stopSignal }),
        },
        rootfs: { type: "layers", diff_ids: [`sha256:${layerDigest}`] },
        history: [{ created, created_by: "multinet" }],
    };
}
