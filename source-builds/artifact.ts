import type { Download } from "../plan/downloads.ts";
import type { RunOptions } from "../system/process.ts";

/** Where a finished artifact is. */
export type ArtifactDirectory = (artifact: string) => string;

/** What making something takes of this machine. */
export interface Cost {
    /** Something is built with Go, or taken from its modules. */
    build: boolean;
    /** Disk space in GiB: for sources, compiled packages and results; measured, rounded up. */
    disk: number;
    /** Minutes on two cores. */
    minutes: number;
}

/** What an artifact may use while it is made. */
export interface BuildContext {
    /** Directory of a finished artifact named in `needs`. */
    dir: ArtifactDirectory;
    /**
     * Runs a program to its end (no shell) and returns what it printed; throws an error that ends with the last
     * lines it wrote. Output also goes to the artifact's log file.
     */
    run(program: string, args: string[], options?: RunOptions): Promise<string>;
    /** Says what is being done right now, for the progress line. */
    status(text: string): void;
    /** Aborted on Ctrl-C. */
    signal: AbortSignal;
}

/**
 * One thing that the program needs and a bare machine lacks: a tool, an archive, an image.
 * Its directory in the cache is named by name, version and a hash of `recipe`, is written beside that place and
 * renamed when whole: what is there is complete, and an interrupted run goes on with the next artifact.
 */
export interface Artifact {
    name: string;
    version: string;
    /** Names of the artifacts that must be there first. */
    needs: string[];
    /** What it takes to make it. Artifacts that share sources or compiled packages have one object, which counts once. */
    cost: Cost;
    /** The published one, which is taken where it is offered; then making it costs nothing. */
    official?: Download;
    /** Only root can make it. */
    root?: boolean;
    /** Programs and files of the system that it is made with, each with the Debian package to take it from. */
    system?: Record<string, string>;
    /** Everything that decides the result besides the artifacts needed: flags, and the texts of files it is made from. */
    recipe(): string[];
    /** Writes the result into the empty directory `into`. */
    make(into: string, context: BuildContext): Promise<void>;
}
