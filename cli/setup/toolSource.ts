import type { Artifact } from "../../source-builds/builder.ts";
import { whyNotOffered } from "../../system/download.ts";
import { chosenSource, mirrored } from "../../system/source.ts";

/** Where missing artifacts come from. */
export interface ToolSource {
    /** Those that are made here. */
    built: Artifact[];
    /** For the user: what is downloaded, and what that is published is built all the same. */
    lines: string[];
}

/**
 * Finds out which of the missing artifacts are built here: what is not published, and what is not offered for download;
 * `MULTINET_SOURCE` decides instead if it is set. Throws `DownloadFailed` where that cannot be found out.
 */
export async function toolSource(missing: Artifact[], signal: AbortSignal): Promise<ToolSource> {
    const published = missing.filter(({ official }) => official);
    const why = new Map(
        await Promise.all(
            published.map(
                async (artifact) => [artifact, await whyBuilt(artifact, signal)] as const,
            ),
        ),
    );
    const downloaded = published.filter((artifact) => why.get(artifact) === undefined);
    const hosts = downloaded.map(({ official }) => new URL(mirrored(official!.url)).host);
    const built = published.filter((artifact) => why.get(artifact) !== undefined);
    const reasons = new Set(built.map((artifact) => why.get(artifact)));
    return {
        built: missing.filter((artifact) => !downloaded.includes(artifact)),
        lines: [
            ...(downloaded.length > 0
                ? [`Downloaded from ${list(hosts)}: ${names(downloaded)}.`]
                : []),
            ...(built.length > 0
                ? [`Built from source: ${names(built)}. ${[...reasons].join(" ")}`]
                : []),
        ],
    };
}

async function whyBuilt({ official }: Artifact, signal: AbortSignal): Promise<string | undefined> {
    switch (chosenSource()) {
        case "download":
            return undefined;
        case "build":
            return "MULTINET_SOURCE=build asks for it.";
        case undefined:
            return whyNotOffered(official!, { signal });
    }
}

function names(artifacts: Artifact[]): string {
    return list(artifacts.map(({ name, version }) => `${name} ${version}`));
}

function list(items: string[]): string {
    return [...new Set(items)].join(", ");
}
