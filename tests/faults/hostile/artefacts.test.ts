import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import {
    cpSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    rmSync,
    writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { cacheRoot } from "../../../system/cache.ts";
import { download } from "../../../system/download.ts";
import { Unavailable } from "../../../system/source.ts";
import { PROJECT } from "../../../cli/project.ts";
import { cniPluginsDownload, downloads, type Download } from "../../../plan/downloads.ts";
import { TARGETS } from "../../../plan/targets.ts";
import { faultClass } from "../ledger.ts";
import type { Random } from "../random.ts";

const run = promisify(execFile);

/** Bytes of a file that stands for an artefact, and how many modules and packages are tried. */
const SIZE = 200_000;
const SAMPLES = 12;

/** A copy with one byte changed, anywhere or between two places. */
function flipped(content: Buffer, random: Random, from = 0, to = content.length): Buffer {
    const copy = Buffer.from(content);
    const place = random.integer(from, to - 1);
    copy[place] = copy[place]! ^ (1 << random.integer(0, 7));
    return copy;
}

const { plugins, ...programs } = downloads(TARGETS["linux-x64"]);
const official: Record<string, Download> = {
    ...programs,
    cniPlugins: cniPluginsDownload("x64"),
    ...Object.fromEntries(
        Object.entries(plugins).map(([name, source]) => [`plugin ${name}`, source]),
    ),
};

faultClass(
    {
        name: "hostile-artefacts",
        title: "one flipped byte in a pinned artefact: downloads, Go modules, npm packages",
        least: Object.keys(official).length + 2 * SAMPLES,
    },
    (ledger) => {
        const folder = mkdtempSync(join(tmpdir(), "multinet-flipped-"));
        const served = new Map<string, Buffer>();
        const server = createServer((request, response) => {
            const content = served.get(decodeURIComponent(request.url ?? ""));
            response.writeHead(content ? 200 : 404).end(content);
        });
        let base = "";
        before((done) => {
            server.listen(0, "127.0.0.1", () => {
                base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
                done();
            });
        });
        after(() => {
            server.close();
            rmSync(folder, { recursive: true, force: true });
        });

        for (const [name, source] of Object.entries(official)) {
            const fault = `download of ${name}`;
            it(fault, () =>
                ledger.run(fault, async (random) => {
                    const content = Buffer.alloc(SIZE, Math.floor(random.next() * 256));
                    const sum = createHash("sha256").update(content).digest("hex");
                    const file = basename(source.url);
                    served.set(`/${file}`, content).set("/sums", Buffer.from(`${sum}  ${file}\n`));
                    const here = {
                        url: `${base}/${file}`,
                        ...(source.sha256 ? { sha256: sum } : { checksums: `${base}/sums` }),
                    };
                    await download(here, join(folder, "whole"));
                    served.set(`/${file}`, flipped(content, random));
                    await assert.rejects(download(here, join(folder, "flipped")), (error) => {
                        assert.ok(!(error instanceof Unavailable), "nothing else is used instead");
                        return /checksum/.test((error as Error).message);
                    });
                }),
            );
        }

        it("Go modules, by the committed go.sum", async () => {
            const cache = join(cacheRoot(), "go", "mod", "cache", "download");
            const project = join(PROJECT, "source-builds", "modules", "kind");
            const sums = readFileSync(join(project, "go.sum"), "utf8").split("\n");
            const modules = sums
                .map((line) => line.split(" "))
                .filter(([, version]) => version && !version.endsWith("/go.mod"))
                .map(([path = "", version = ""]) => ({ path, version }))
                .filter(({ path, version }) => isThere(cache, path, version));
            for (const { path, version } of modules.slice(0, SAMPLES)) {
                await ledger.run(`Go module ${path}`, async (random) => {
                    const proxy = mkdtempSync(join(folder, "proxy-"));
                    for (const ending of ["info", "mod", "zip"]) {
                        const file = join(escaped(path), "@v", `${version}.${ending}`);
                        mkdirSync(join(proxy, dirname(file)), { recursive: true });
                        cpSync(join(cache, file), join(proxy, file));
                    }
                    const zip = join(proxy, escaped(path), "@v", `${version}.zip`);
                    await goDownload(project, proxy, `${path}@${version}`);
                    const content = readFileSync(zip);
                    writeFileSync(zip, flipped(content, random, ...dataIn(content)));
                    await assert.rejects(
                        goDownload(project, proxy, `${path}@${version}`),
                        /Command failed: go mod download/, // why depends on which byte it was
                    );
                });
            }
        });

        it("npm packages, by the committed lockfile", async () => {
            const { packages } = JSON.parse(
                readFileSync(join(PROJECT, "package-lock.json"), "utf8"),
            ) as { packages: Record<string, { version: string; integrity?: string }> };
            const all = Object.entries(packages).filter(([path]) => path !== "");
            const without = all.filter(([, { integrity }]) => !integrity?.startsWith("sha512-"));
            ledger.note(`all ${all.length} packages are pinned`, without.length === 0, "");
            for (const [path, { version }] of all.slice(0, SAMPLES)) {
                await ledger.run(`npm package ${path}`, async (random) => {
                    await npmRefuses(path.replace(/^.*node_modules\//, ""), version, random);
                });
            }
        });

        /** A package served from here whose lockfile knows the content before a byte was flipped. */
        async function npmRefuses(name: string, version: string, random: Random): Promise<void> {
            const project = mkdtempSync(join(folder, "npm-"));
            const inside = join(project, "package");
            mkdirSync(inside);
            writeFileSync(join(inside, "package.json"), JSON.stringify({ name, version }));
            const archive = join(project, "package.tgz");
            await run("tar", ["-czf", archive, "-C", project, "package"]);
            const content = readFileSync(archive);
            const integrity = `sha512-${createHash("sha512").update(content).digest("base64")}`;
            const path = `/${name}.tgz`;
            served.set(path, content);
            const dependencies = { [name]: version };
            const about = { name: "x", version: "1.0.0", dependencies };
            writeFileSync(join(project, "package.json"), JSON.stringify(about));
            const entry = { version, resolved: `${base}${path}`, integrity };
            const lock = {
                ...about,
                lockfileVersion: 3,
                requires: true,
                packages: { "": about, [`node_modules/${name}`]: entry },
            };
            writeFileSync(join(project, "package-lock.json"), JSON.stringify(lock));
            const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=0"];
            const own = ["--registry", base, "--cache", join(project, "cache")];
            const install = () =>
                run("npm", ["ci", "--no-update-notifier", ...flags, ...own], { cwd: project });
            await install();
            served.set(path, flipped(content, random));
            rmSync(join(project, "cache"), { recursive: true });
            await assert.rejects(install(), /EINTEGRITY|integrity|TAR_|corrupt/i);
        }
    },
);

/**
 * Where in a zip archive the first file's data lies, without its last byte, whose bits may be padding. Go's sums are of
 * names and contents: dates and the like may be others.
 */
function dataIn(zip: Buffer): [from: number, to: number] {
    const directory = zip.readUInt32LE(zip.length - 22 + 16);
    const header = zip.readUInt32LE(directory + 42);
    const from = header + 30 + zip.readUInt16LE(header + 26) + zip.readUInt16LE(header + 28);
    return [from, from + zip.readUInt32LE(directory + 20) - 1];
}

function isThere(cache: string, path: string, version: string): boolean {
    try {
        const files = readdirSync(join(cache, escaped(path), "@v"));
        return ["info", "mod", "zip"].every((ending) => files.includes(`${version}.${ending}`));
    } catch {
        return false;
    }
}

/** Go writes a capital letter as ! and the small one. */
function escaped(path: string): string {
    return path.replace(/[A-Z]/g, (letter) => `!${letter.toLowerCase()}`);
}

/** Downloads a module into an empty cache, as a build would: only what go.sum knows. */
async function goDownload(project: string, proxy: string, module: string): Promise<void> {
    const cache = mkdtempSync(join(tmpdir(), "multinet-go-"));
    const env = {
        ...process.env,
        GOMODCACHE: cache,
        GOPROXY: `file://${proxy}`,
        GOFLAGS: "-modcacherw -mod=readonly",
        GONOSUMDB: "*",
        GOTOOLCHAIN: "local",
    };
    try {
        await run("go", ["mod", "download", module], { cwd: project, env });
    } finally {
        rmSync(cache, { recursive: true, force: true });
    }
}
