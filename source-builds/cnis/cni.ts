import type { Artifact, ArtifactDirectory } from "../artifact.ts";
import type { Image } from "../images/archive.ts";
import type { DebianRoot } from "../images/debianRoot.ts";

/** A CNI plugin whose images and chart are made only for the stacks that ask for it. */
export interface Cni {
    /** As it is asked for: the primary network of a cluster, or the type of a network. */
    name: string;
    /** Its programs and files, which only its images hold. */
    artifacts: Artifact[];
    /** Its chart, for machines that cannot fetch it from its repository, and the folder of the artifact that it is in. */
    chart: { artifact: Artifact; folder: string };
    /** Debian packages that its images take besides those that all CNI plugins need. */
    packages: string[];
    /** Decides, with the artifacts, what its images hold; its number is raised when the code makes other ones of them. */
    recipe: string[];
    /** Its images; `debian` is the root with the packages. */
    images(dir: ArtifactDirectory, debian: DebianRoot): Image[];
}
