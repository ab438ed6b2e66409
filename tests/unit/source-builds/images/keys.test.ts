import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
    appendFileSync,
    cpSync,
    globSync,
    readFileSync,
    symlinkSync,
    writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { PROJECT } from "../../../../cli/project.ts";
import { temporaryDirectory } from "../../temporary.ts";

/** The room that the artifacts are made in, and those that it imports from. */
const ROOM = "source-builds";
const ROOMS = [ROOM, "plan", "system"];

/** Prints the keys of all artifacts, and the names of all node images. */
const PROGRAM = `
    const { ArtifactRegistry } = await import(process.argv[1] + "/artifactRegistry.ts");
    const { ARTIFACTS } = await import(process.argv[1] + "/artifacts.ts");
    const { CNIS } = await import(process.argv[1] + "/cnis.ts");
    const { nodeImages } = await import(process.argv[1] + "/images/nodeImage.ts");
    const registry = new ArtifactRegistry(ARTIFACTS);
    const keys = Object.fromEntries(ARTIFACTS.map(({ name }) => [name, registry.key(name)]));
    for (const names of [[], ["calico"], ["cilium"], ["calico", "cilium"]]) {
        const cnis = CNIS.filter(({ name }) => names.includes(name));
        keys["node " + names] = nodeImages((artifact) => "/cache/" + registry.key(artifact), cnis).node;
    }
    console.log(JSON.stringify(keys));
`;

describe("keys of artifacts and node images", () => {
    const temporary = temporaryDirectory();
    const room = (...path: string[]) => temporary("it's moved #1", ROOM, ...path);

    beforeEach(() => {
        for (const name of ROOMS) {
            const copy = temporary("it's moved #1", name);
            cpSync(join(PROJECT, name), copy, { recursive: true });
        }
        cpSync(join(PROJECT, "package.json"), temporary("it's moved #1", "package.json"));
        symlinkSync(join(PROJECT, "node_modules"), temporary("it's moved #1", "node_modules"));
        symlinkSync(join(PROJECT, "provider"), temporary("it's moved #1", "provider"));
    });

    const keysIn = (project: string) =>
        JSON.parse(
            execFileSync(
                process.execPath,
                ["--input-type=module", "-e", PROGRAM, pathToFileURL(join(project, ROOM)).href],
                { encoding: "utf8" },
            ),
        ) as Record<string, string>;

    it("are the same in another folder, and whatever comments the source has", () => {
        const before = keysIn(PROJECT);
        const moved = temporary("it's moved #1");
        for (const file of globSync(`{${ROOMS.join()}}/**/*.ts`, { cwd: moved })) {
            const text = readFileSync(join(moved, file), "utf8");
            writeFileSync(join(moved, file), `// Some words.\n${text}\n// And some more.\n`);
        }
        assert.deepEqual(keysIn(moved), before);
    });

    it("are others when a file that goes in has changed, as far as it goes in", () => {
        const before = keysIn(PROJECT);
        const changes = () => {
            const now = keysIn(temporary("it's moved #1"));
            return Object.keys(now).filter((name) => now[name] !== before[name]);
        };
        appendFileSync(room("images", "manifests", "default-cni.yaml"), "# x\n");
        const nodes = Object.keys(before).filter((name) => name.startsWith("node "));
        assert.deepEqual(changes(), nodes);
        appendFileSync(room("modules", "cilium", "go.mod"), "// x\n");
        assert.deepEqual(changes().sort(), [
            "cilium",
            "cilium-chart",
            "cilium-files",
            "image-store-calico-cilium",
            "image-store-cilium",
            ...nodes.sort(),
        ]);
    });
});
