import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { Builder } from "../../../source-builds/builder.ts";
import { Cache } from "../../../system/cache.ts";
import { forgetSilentHosts } from "../../../system/http.ts";
import { Progress } from "../../../system/progress.ts";
import { Internet } from "../../fixtures/internet.ts";
import { temporaryDirectory, withoutChoice } from "../temporary.ts";

describe("tools from a mirror", () => {
    const folder = mkdtempSync(join(tmpdir(), "multinet-mirror-"));
    const temporary = temporaryDirectory();
    withoutChoice();
    const certificates = getCACertificates("default");
    let internet: Internet;
    let builder: Builder;

    before(async () => {
        internet = await Internet.open(folder);
        setDefaultCACertificates([...certificates, readFileSync(internet.certificate, "utf8")]);
    });
    after(async () => {
        setDefaultCACertificates(certificates);
        await internet.close();
        rmSync(folder, { recursive: true });
    });
    beforeEach(() => {
        forgetSilentHosts();
        internet.forget();
        process.env["MULTINET_DOWNLOADS"] = internet.mirror;
        mkdirSync(temporary("cache"), { mode: 0o700 });
        const progress = new Progress({ write: () => true });
        builder = new Builder(
            new Cache(temporary("cache")),
            progress,
            new AbortController().signal,
        );
    });

    const source = (artifact: string) => builder.registry.get(artifact).official!;

    /** An archive with this program, which just says its name. */
    function archive(...path: string[]): Buffer {
        const root = temporary("archive");
        const program = join(root, ...path);
        mkdirSync(join(program, ".."), { recursive: true });
        writeFileSync(program, `#!/bin/sh\necho ${path.at(-1)}\n`, { mode: 0o755 });
        const tar = execFileSync("tar", ["--create", "--gzip", "--directory", root, path[0]!]);
        rmSync(root, { recursive: true });
        return tar;
    }

    it("are whole programs in the cache, with a note of where they are from", async () => {
        const plugin = "pulumi-resource-command";
        internet.publish(source("pulumi"), archive("pulumi", "pulumi"));
        internet.publish(source(plugin), archive(plugin));
        await builder.make(["pulumi", plugin]);
        for (const [artifact, url] of [
            ["pulumi", source("pulumi").url],
            [plugin, source(plugin).url],
        ] as const) {
            const program = join(builder.dir(artifact), artifact);
            assert.equal(execFileSync(program, { encoding: "utf8" }), `${artifact}\n`);
            const note = readFileSync(join(builder.dir(artifact), "source"), "utf8");
            assert.equal(note, `${internet.mirror}/${url.replace("https://", "")}\n`);
        }
    });

    it("are not what a mirror says they are, where they are pinned", async () => {
        internet.publish(source("kind"), "another kind");
        await assert.rejects(builder.make(["kind"]), /Could not make kind .*pinned.*not\s+used/s);
        assert.ok(!existsSync(builder.dir("kind")));
    });
});
