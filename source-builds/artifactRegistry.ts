import { createHash } from "node:crypto";
import type { Artifact } from "./artifact.ts";

/** All artifacts that there are, by name. */
export class ArtifactRegistry {
    private readonly artifacts: Map<string, Artifact>;
    private readonly keys = new Map<string, string>();

    constructor(artifacts: Artifact[]) {
        this.artifacts = new Map(artifacts.map((artifact) => [artifact.name, artifact]));
    }

    get(name: string): Artifact {
        const artifact = this.artifacts.get(name);
        if (!artifact) {
            throw new Error(`There is no artifact "${name}".`);
        }
        return artifact;
    }

    /**
     * Name of an artifact's directory: name, version and a hash of its recipe and of the keys of all that it needs. So a
     * changed recipe makes the artifact again, with everything made from it, and never overwrites another one.
     */
    key(name: string): string {
        const known = this.keys.get(name);
        if (known) {
            return known;
        }
        const artifact = this.get(name);
        const parts = [...artifact.recipe(), ...artifact.needs.map((need) => this.key(need))];
        const hash = createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 12);
        const key = `${name}-${artifact.version}-${hash}`;
        this.keys.set(name, key);
        return key;
    }

    /** The named artifacts and all that they need, each after what it needs. */
    inOrder(names: string[]): Artifact[] {
        const ordered = new Set<Artifact>();
        const visit = (name: string, path: string[]) => {
            if (path.includes(name)) {
                throw new Error(`Artifacts need each other: ${[...path, name].join(" -> ")}.`);
            }
            const artifact = this.get(name);
            for (const need of artifact.needs) {
                visit(need, [...path, name]);
            }
            ordered.add(artifact);
        };
        for (const name of names) {
            visit(name, []);
        }
        return [...ordered];
    }
}
