import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import {
    copyFileSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    rmSync,
    symlinkSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { PROJECT } from "../../cli/project.ts";
import { cniPluginsDownload, downloads, type Download } from "../../plan/downloads.ts";
import { TARGETS } from "../../plan/targets.ts";
import { Builder } from "../../source-builds/builder.ts";
import { Cache } from "../../system/cache.ts";
import { Progress } from "../../system/progress.ts";
import { Internet } from "../fixtures/internet.ts";
import { world } from "./world.ts";

const run = promisify(execFile);

/** What is downloaded in this test; the images are made on this machine all the same, as no registry is replayed. */
const TOOLS = ["kind", "kubectl", "pulumi", "pulumi-resource-kubernetes", "cni-plugins"];

/** Another checkout with a cache of its own, on a machine whose publishers are a server on loopback. */
describe("a machine that downloads its tools", function () {
    this.timeout("10m");
    const { kind, kubectl, pulumi, plugins } = downloads(TARGETS["linux-x64"]);
    const cniPlugins = cniPluginsDownload("x64");
    let folder: string;
    let checkout: string;
    let internet: Internet;
    let env: NodeJS.ProcessEnv;
    let asBefore: Awaited<ReturnType<typeof world>>;

    before(async () => {
        folder = mkdtempSync(join(tmpdir(), "multinet-download-"));
        checkout = join(folder, "check out # 1"); // as a user may call it
        internet = await Internet.open(join(folder, "internet"));
        copyCheckout();
        publish();
        linkPieces();
        env = cleanEnvironment();
        asBefore = await world(join(checkout, ".multinet/kubeconfigs/download"));
    });
    after(async () => {
        await command("remove", "download", "--yes").catch(() => undefined);
        await internet?.close();
        rmSync(folder, { recursive: true, force: true });
    });

    it("gets all of them, past a busy server and a cut line, and comes up green with them", async () => {
        // It is asked whether it has the file, once more after the 503, and then for all of it.
        const asUsual = () => undefined;
        internet.trouble(kind.url, { status: 503 }, asUsual, { cutAfter: 1 << 20 });
        const { stderr, stdout } = await command("up", "download", "--yes");
        assert.match(stderr, /^Downloaded from localhost:\d+: .*kind v/m);
        assert.match(stdout + stderr, /cells green/);
        const resumed = internet.asked.filter((one) => / bytes=[1-9]\d*-$/.test(one));
        assert.ok(resumed.length > 0, internet.asked.join("\n"));
        const made = readdirSync(join(env["MULTINET_CACHE"]!, "pieces"));
        for (const tool of TOOLS) {
            assert.ok(
                made.some((piece) => piece.startsWith(`${tool}-`)),
                `${tool}: ${made.join(" ")}`,
            );
        }
    });

    it("has nothing to do the second time, and asks nobody for it", async () => {
        internet.forget();
        const { stdout } = await pulumiCommand("preview", "--expect-no-changes");
        assert.match(stdout, /unchanged/);
        assert.deepEqual(internet.asked, []);
    });

    it("leaves nothing behind", async () => {
        await pulumiCommand("destroy", "--yes", "--skip-preview");
        assert.deepEqual(await world(join(checkout, ".multinet/kubeconfigs/download")), asBefore);
    });

    function command(...args: string[]) {
        const words = [join(checkout, "multinet.mjs"), ...args];
        return run(process.execPath, words, { cwd: checkout, env, maxBuffer: 64 << 20 });
    }

    async function pulumiCommand(...args: string[]) {
        const { stdout } = await command("env", "download", "--json");
        const exported = JSON.parse(stdout) as Record<string, string>;
        const words = [...args, "--stack", "download", "--non-interactive"];
        const options = { cwd: checkout, env: { ...env, ...exported }, maxBuffer: 64 << 20 };
        return run("pulumi", words, options);
    }

    function copyCheckout(): void {
        mkdirSync(checkout);
        const files = execFileSync("git", ["ls-files", "-z"], { cwd: PROJECT, encoding: "utf8" });
        for (const file of files.split("\0").filter(Boolean)) {
            mkdirSync(dirname(join(checkout, file)), { recursive: true });
            copyFileSync(join(PROJECT, file), join(checkout, file));
        }
        execFileSync("cp", ["-al", join(PROJECT, "node_modules"), checkout]);
        const config = "config:\n    multinet:clusters: { edge1: {} }\n";
        writeFileSync(join(checkout, "Pulumi.download.yaml"), config);
    }

    /** Serves the tools of this machine under the publishers' names, and has the copy expect just these. */
    function publish(): void {
        const table = join(checkout, "plan", "downloads.ts");
        const serve = (download: Download, content: Buffer) => {
            const sum = internet.publish(download, content);
            const text = readFileSync(table, "utf8");
            writeFileSync(table, download.sha256 ? text.replace(download.sha256, sum) : text);
        };
        const packed = (tool: string, ...args: string[]) =>
            execFileSync("tar", ["-cz", "-C", piece(tool), ...args, "."], {
                maxBuffer: 1 << 30,
            });
        serve(kind, readFileSync(join(piece("kind"), "kind")));
        serve(kubectl, readFileSync(join(piece("kubectl"), "kubectl")));
        serve(pulumi, packed("pulumi", "--transform", "s,^\\.,pulumi,"));
        serve(plugins.kubernetes, packed("pulumi-resource-kubernetes"));
        serve(cniPlugins, packed("cni-plugins"));
    }

    /** A cache that has what images are made of, and no tool. */
    function linkPieces(): void {
        const from = new Cache().path("pieces");
        const to = join(folder, "cache", "pieces");
        mkdirSync(to, { recursive: true, mode: 0o700 });
        copyFileSync(join(new Cache().root, "CACHEDIR.TAG"), join(folder, "cache", "CACHEDIR.TAG"));
        const isTool = (name: string) =>
            TOOLS.some((tool) => new RegExp(`^${tool}-v?\\d`).test(name));
        for (const name of readdirSync(from).filter((name) => !isTool(name))) {
            symlinkSync(join(from, name), join(to, name));
        }
    }

    /** Of a shell that has seen no command of this project. */
    function cleanEnvironment(): NodeJS.ProcessEnv {
        const { HOME, PATH = "", DOCKER_HOST, NODE_EXTRA_CA_CERTS: others } = process.env;
        const cache = new Cache().root;
        const certificates = join(folder, "certificates.pem");
        const texts = [internet.certificate, ...(others ? [others] : [])].map((file) =>
            readFileSync(file, "utf8"),
        );
        writeFileSync(certificates, texts.join("\n"));
        const own = PATH.split(delimiter).filter((place) => !place.startsWith(cache));
        return {
            HOME,
            DOCKER_HOST,
            PATH: [dirname(process.execPath), ...own].join(delimiter),
            MULTINET_CACHE: join(folder, "cache"),
            MULTINET_DOWNLOADS: internet.mirror,
            NODE_EXTRA_CA_CERTS: certificates,
        };
    }
});

/** Where a tool of this machine is. */
function piece(tool: string): string {
    return new Builder(new Cache(), new Progress(), AbortSignal.timeout(1000)).dir(tool);
}
