import { join } from "node:path";
import { goBuild, goRecipe } from "./goModule.ts";
import { officialElse, unpack } from "./official.ts";
import type { Artifact, BuildContext, Cost } from "./artifact.ts";
import { downloadRecipe, type Download } from "../plan/downloads.ts";

interface GoArtifact {
    name: string;
    version: string;
    cost: Cost;
    /** Folder under `source-builds/modules`; the artifact's name if not given. */
    module?: string;
    /** The programs of the artifact and the packages they are built from. */
    programs: Record<string, string>;
    ldflags?: string[];
    tags?: string[];
    /** Release of Go to build with, if not the machine's own. */
    goVersion?: string;
    /** Archive with the same programs, taken where it can be had. */
    official?: Download;
}

/** An artifact that is a directory of programs of one Go module. */
export function goArtifact({ module, programs, official, ...artifact }: GoArtifact): Artifact {
    const { name, version, cost, ldflags = [], tags = [], goVersion } = artifact;
    const source = module ?? name;
    const flags = [programs, ldflags, tags, ...(goVersion ? [goVersion] : [])];
    const make = async (into: string, context: BuildContext) => {
        for (const [program, path] of Object.entries(programs)) {
            const output = join(into, program);
            const build = { module: source, package: path, output, ldflags, tags, goVersion };
            await goBuild(context, build);
        }
    };
    return {
        name,
        version,
        needs: [],
        cost,
        ...(official && { official }),
        recipe: () => [
            ...(official ? [downloadRecipe(official)] : []),
            JSON.stringify(flags),
            ...goRecipe(source),
        ],
        make: official
            ? (into, context) =>
                  officialElse(
                      official,
                      into,
                      context,
                      () => make(into, context),
                      (archive) => unpack(context, archive, into, []),
                  )
            : make,
    };
}

/** Linker flag that puts a value into a variable. */
export function stamp(variable: string, value: string): string {
    return `-X ${variable}=${value}`;
}
