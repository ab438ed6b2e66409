import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { Cache } from "../../system/cache.ts";
import { Builder } from "../../source-builds/builder.ts";
import { archive, type Image } from "../../source-builds/images/archive.ts";
import { DebianRoot } from "../../source-builds/images/debianRoot.ts";
import { multus } from "../../source-builds/images/multus.ts";
import { toolbox } from "../../source-builds/images/toolbox.ts";
import { Progress } from "../../system/progress.ts";
import { until } from "../e2e/world.ts";

const run = promisify(execFile);

/** Who may use the registry; its password as the registry has it (bcrypt). */
const USER = "user";
export const PASSWORD = "password";
const HASH = "$2b$04$Gqb5BAnhetHlG7qL.PSTMut7KtfKddqiK5knCmk1ZBkceVCKx0fDm";

/** The real registry, out of Debian's package, with TLS by a certificate authority of its own, and a login. */
export class TestRegistry {
    /** PEM file of the authority. */
    readonly ca: string;
    /** DOCKER_CONFIG of a client that is logged in. */
    readonly client: string;
    /** Host and port as the nodes write it. */
    readonly host: string;
    /** What the registry said. */
    log = "";
    private readonly folder: string;
    private readonly port: number;
    private child: ChildProcess | undefined;
    private readonly pushed: string[] = [];

    private constructor(folder: string, address: string, port: number) {
        this.folder = folder;
        this.port = port;
        this.host = `${address}:${port}`;
        this.ca = join(folder, "ca.pem");
        this.client = join(folder, "client");
    }

    /** Starts one below `folder` whose certificate is for an address that this machine has, or will have. */
    static async start(folder: string, address: string): Promise<TestRegistry> {
        const registry = new TestRegistry(folder, address, await freePort());
        await registry.certify(address);
        registry.login();
        await registry.launch();
        return registry;
    }

    async stop(): Promise<void> {
        if (this.child && this.child.exitCode === null) {
            this.child.kill();
            await once(this.child, "exit");
        }
        if (this.pushed.length > 0) {
            await run("docker", ["image", "rm", "--force", ...this.pushed]);
        }
    }

    /** Pushes Multus and the toolbox, with layers that no node has yet, and returns their references. */
    async push(): Promise<{ multus: string; toolbox: string }> {
        const builder = new Builder(new Cache(), new Progress(), AbortSignal.timeout(600_000));
        const root = new DebianRoot(join(builder.dir("rootfs"), "tree"));
        const images = { multus: multus(builder.dir("multus")), toolbox: toolbox(root) };
        const references = { multus: "", toolbox: "" };
        for (const name of ["multus", "toolbox"] as const) {
            const repository = `copies/${name}:v1`;
            references[name] = `${this.host}/${repository}`;
            // Engines trust a registry on a loopback address, whatever its certificate.
            await this.pushOne(images[name], `127.0.0.1:${this.port}/${repository}`);
        }
        return references;
    }

    private async pushOne(image: Image, reference: string): Promise<void> {
        image.layer.text("/of-the-registry", `${Math.random()}\n`);
        const load = spawn("docker", ["load"], { stdio: ["pipe", "ignore", "inherit"] });
        await pipeline(Readable.from(archive([{ ...image, name: reference }])), load.stdin);
        await once(load, "exit");
        this.pushed.push(reference);
        await run("docker", ["--config", this.client, "push", reference]);
    }

    private async certify(address: string): Promise<void> {
        const path = (name: string) => join(this.folder, name);
        writeFileSync(path("names"), `subjectAltName=IP:${address},IP:127.0.0.1\n`);
        const ssl = (...words: string[]) => run("openssl", words);
        const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
        const ca = [
            "-keyout",
            path("ca.key"),
            "-out",
            this.ca,
            "-days",
            "2",
            "-subj",
            "/CN=test CA",
        ];
        await ssl("req", "-x509", ...key, ...ca);
        const request = [
            "-keyout",
            path("key.pem"),
            "-out",
            path("request"),
            "-subj",
            "/CN=registry",
        ];
        await ssl("req", ...key, ...request);
        const signer = ["-CA", this.ca, "-CAkey", path("ca.key"), "-CAcreateserial", "-days", "2"];
        const files = ["-in", path("request"), "-out", path("cert.pem"), "-extfile", path("names")];
        await ssl("x509", "-req", ...signer, ...files);
    }

    private login(): void {
        mkdirSync(this.client);
        const auth = Buffer.from(`${USER}:${PASSWORD}`).toString("base64");
        const hosts = [this.host, `127.0.0.1:${this.port}`];
        const auths = Object.fromEntries(hosts.map((host) => [host, { auth }]));
        writeFileSync(join(this.client, "config.json"), JSON.stringify({ auths }), { mode: 0o600 });
    }

    /** Takes the program out of its package: installed, it would be started as a service. */
    private async launch(): Promise<void> {
        const options = { cwd: this.folder };
        await run("apt-get", ["download", "-q", "docker-registry"], options);
        await run("sh", ["-c", "dpkg-deb -x docker-registry_*.deb package"], options);
        writeFileSync(join(this.folder, "htpasswd"), `${USER}:${HASH}\n`);
        const config = {
            version: 0.1,
            storage: { filesystem: { rootdirectory: join(this.folder, "data") } },
            http: {
                addr: `:${this.port}`,
                tls: {
                    certificate: join(this.folder, "cert.pem"),
                    key: join(this.folder, "key.pem"),
                },
            },
            auth: { htpasswd: { realm: "test", path: join(this.folder, "htpasswd") } },
        };
        const file = join(this.folder, "config.yml");
        writeFileSync(file, JSON.stringify(config));
        const program = join(this.folder, "package/usr/bin/docker-registry");
        const child = spawn(program, ["serve", file], { stdio: ["ignore", "pipe", "pipe"] });
        for (const stream of [child.stdout, child.stderr]) {
            stream.on("data", (data: Buffer) => (this.log += data.toString()));
        }
        this.child = child;
        await until(30, async () => (await this.answers()) || `no registry answers: ${this.log}`);
    }

    private answers(): Promise<boolean> {
        return new Promise((resolve) => {
            const options = { ca: readFileSync(this.ca), port: this.port, path: "/v2/" };
            request({ ...options, host: "127.0.0.1" }, ({ statusCode }) => {
                resolve(statusCode === 401);
            })
                .on("error", () => {
                    resolve(false);
                })
                .end();
        });
    }
}

async function freePort(): Promise<number> {
    const server = createServer().listen(0);
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, "close");
    return port;
}
