import { randomBytes, randomUUID } from "node:crypto";
import {
    appendFileSync,
    existsSync,
    mkdirSync,
    readdirSync,
    readFileSync,
    renameSync,
    rmSync,
    writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { CommandFailed } from "../../../system/process.ts";
import type {
    Container,
    Engine,
    Network,
    Runtime,
    Selection,
} from "../../../provider/runtime/runtime.ts";
import { RuntimeSilent } from "../../../provider/runtime/silent.ts";

/** What a fake container knows besides what an engine tells of it. */
interface FakeContainer extends Container {
    nodeLabels: Record<string, string>;
    initialized: boolean;
    /** Has the storage class, kind's last step on a control plane. */
    hasDefaultStorageClass: boolean;
    /** Registered at the cluster's API. */
    joined: boolean;
    /** Has the file that keeps pods away. */
    gated: boolean;
    kubeadm: string;
}

interface Behaviour {
    /** The engine does not answer. */
    silent?: boolean;
    /** The Kubernetes API does not answer. */
    apiDown?: boolean;
    /** `kind create` makes its containers, then fails with this. */
    kindFails?: string;
    /** Milliseconds that `kind create` takes. */
    kindTakes?: number;
    /** Removing fails. */
    stuck?: boolean;
    /** How often one looks until a worker's services run. */
    boots?: number;
    /** `kubeadm join` fails on this node. */
    cannotJoin?: string;
    /** `docker run` prints its id and fails, or fails because the name is taken. */
    runFails?: "start" | "conflict";
    /** What the engine says when a container is started. */
    startFails?: string;
    /** Its id; "engine" if nothing is said. */
    engine?: string;
    /** What the API lists that kind did not put there, as `KIND NAMESPACE NAME`. */
    contents?: string[];
    /** DaemonSets of kube-system. */
    daemonSets?: string[];
    /** How often a gated node is looked at until it has what its gate waits for. */
    fit?: number;
    /** Nodes that are registered at the API and have no container. */
    registered?: { name: string; labels: Record<string, string> }[];
}

/** A container engine in a folder, so that the fake kind, another process, works on the same one. */
export class FakeWorld implements Runtime {
    readonly name = "docker";
    readonly folder: string;

    constructor(folder: string) {
        this.folder = folder;
        mkdirSync(join(folder, "containers"), { recursive: true });
    }

    get behaviour(): Behaviour {
        const file = join(this.folder, "behaviour.json");
        return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Behaviour) : {};
    }
    set behaviour(behaviour: Behaviour) {
        writeFileSync(join(this.folder, "behaviour.json"), JSON.stringify(behaviour));
    }

    /** Remembers an event for the test to look at. */
    note(event: object): void {
        appendFileSync(join(this.folder, "events"), `${JSON.stringify(event)}\n`);
    }
    get events(): Record<string, unknown>[] {
        const file = join(this.folder, "events");
        const lines = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
        return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    }

    add(
        name: string,
        made: {
            cluster: string;
            network: string;
            image?: string;
            nodeLabels?: Record<string, string>;
        },
    ): void {
        const octet = 2 + readdirSync(join(this.folder, "containers")).length;
        this.save({
            id: randomUUID(),
            name,
            image: made.image ?? "node:1",
            state: "running",
            labels: {
                "io.x-k8s.kind.cluster": made.cluster,
                "io.x-k8s.kind.role": name.includes("worker") ? "worker" : "control-plane",
            },
            networks: { [made.network]: `10.200.0.${octet}` },
            memory: 0,
            env: ["PATH=/bin", "KUBECONFIG=/etc/kubernetes/admin.conf"],
            binds: ["/lib/modules:/lib/modules:ro"],
            devices: [],
            sysctls: {},
            userns: "",
            nodeLabels: made.nodeLabels ?? {},
            initialized: true,
            hasDefaultStorageClass: true,
            joined: true,
            gated: false,
            kubeadm:
                "kind: JoinConfiguration\nnodeRegistration: {kubeletExtraArgs: {}}\n" +
                "discovery: {bootstrapToken: {token: old}}\n",
        });
    }

    change(name: string, changes: Partial<FakeContainer>): void {
        this.save({ ...this.one(name), ...changes });
    }
    drop(name: string): void {
        rmSync(this.path(name));
    }
    get names(): string[] {
        return this.all()
            .map(({ name }) => name)
            .sort();
    }
    one(name: string): FakeContainer {
        return JSON.parse(readFileSync(this.path(name), "utf8")) as FakeContainer;
    }

    kindEnv(network: string) {
        return { KIND_EXPERIMENTAL_DOCKER_NETWORK: network, FAKE_WORLD: this.folder };
    }

    async engine(): Promise<Engine> {
        this.answer();
        return { id: this.behaviour.engine ?? "engine", address: "DOCKER_HOST=unix:///here" };
    }

    async containers(selection: Selection): Promise<Container[]> {
        this.answer();
        return this.all().filter(({ id, name, labels }) => {
            if ("names" in selection) {
                return selection.names.includes(name) || selection.names.includes(id);
            }
            const [key = "", value] = selection.label.split("=");
            return labels[key] === value;
        });
    }

    async exec(container: string, argv: string[], options?: { input?: string }): Promise<string> {
        this.answer();
        const command = argv.join(" ");
        const one = this.one(container);
        if (command.startsWith("test -f")) {
            return this.hasFile(one, argv[2] ?? "") ? "" : fail("", 1);
        }
        if (command.includes("get daemonsets")) {
            return (this.behaviour.daemonSets ?? [])
                .map((name) => `daemonset.apps/${name}\n`)
                .join("");
        }
        if (command.includes("get namespaces,")) {
            const system = "Namespace <none> default\nPod kube-system etcd\n";
            return `${system}${(this.behaviour.contents ?? []).join("\n")}`;
        }
        if (command.includes("app.kubernetes.io/name=node-routes")) {
            return this.isFit() ? "True" : "False";
        }
        if (command.includes("get nodes")) {
            if (this.behaviour.apiDown) {
                fail("The connection to the server was refused", 1);
            }
            const nodes = this.all().filter(({ joined }) => joined);
            const items = [
                ...nodes.map(({ name, nodeLabels }) => ({ name, labels: nodeLabels })),
                ...(this.behaviour.registered ?? []),
            ];
            return JSON.stringify({ items: items.map((metadata) => ({ metadata })) });
        }
        if (command.includes("get storageclass standard")) {
            return one.hasDefaultStorageClass ? "storageclass.storage.k8s.io/standard\n" : "";
        }
        if (command.startsWith("systemctl is-active")) {
            const { boots = 0 } = this.behaviour;
            this.behaviour = { ...this.behaviour, boots: boots - 1 };
            return boots > 0 ? fail("", 3) : "";
        }
        if (command.endsWith("/etc/cni/net.d/00-joining.conf")) {
            this.change(container, { gated: command.startsWith("install") });
        }
        this.note({ container, command, input: options?.input });
        if (command.startsWith("cp /dev/stdin")) {
            this.change(container, { kubeadm: options?.input ?? "" });
        } else if (command.startsWith("kubeadm join")) {
            const { boots = 0, cannotJoin } = this.behaviour;
            if (boots > 0 || cannotJoin === container) {
                fail("error execution phase kubelet-start", 1);
            }
            this.change(container, { joined: true });
        }
        return command.startsWith("cat ") ? one.kubeadm : "abcdef.0123456789abcdef\n";
    }

    async start({ name }: Container): Promise<void> {
        this.answer();
        const { startFails } = this.behaviour;
        if (startFails) {
            this.behaviour = { ...this.behaviour, startFails: "" };
            fail(startFails, 1);
        }
        this.note({ started: name });
        const { networks } = this.one(name);
        for (const network of Object.keys(networks)) {
            networks[network] = "10.200.0.99";
        }
        this.change(name, { state: "running", networks });
    }

    async restart(container: Container): Promise<void> {
        this.note({ restarted: container.name });
        await this.start(container);
    }

    async connect({ name }: Container, network: string): Promise<void> {
        this.answer();
        this.note({ connected: name, network });
        const { networks } = this.one(name);
        this.change(name, { networks: { ...networks, [network]: "10.200.0.98" } });
    }

    async run(name: string, args: string[], env: string[]): Promise<string> {
        this.answer();
        this.note({ run: name, args, env });
        const { runFails } = this.behaviour;
        const network = args[args.indexOf("--net") + 1]!;
        const label = args.find((argument) => argument.startsWith("io.x-k8s.kind.cluster="))!;
        if (runFails === "conflict") {
            this.add(name, { cluster: "theirs", network: "bridge" });
            fail("Conflict. The container name is already in use", 125);
        }
        this.add(name, { cluster: label.split("=")[1]!, network, image: args.at(-1)! });
        const id = randomBytes(32).toString("hex");
        this.change(name, { id, joined: false });
        return runFails ? fail("OCI runtime create failed", 125, `${id}\n`) : id;
    }

    async logs(): Promise<string> {
        this.answer();
        return "[  OK  ] Reached target Multi-User System.\n";
    }

    async remove(containers: Container[]): Promise<void> {
        this.answer();
        if (this.behaviour.stuck && containers.length > 0) {
            fail("Error response from daemon: driver failed to remove root filesystem", 1);
        }
        for (const { name } of containers) {
            this.note({ removed: name });
            rmSync(this.path(name), { force: true });
        }
    }

    async setMemory(id: string, bytes: number): Promise<void> {
        this.answer();
        const [{ name = id } = {}] = await this.containers({ names: [id] });
        this.change(name, { memory: bytes });
    }

    async networks(): Promise<Network[]> {
        this.answer();
        return [
            {
                id: "n",
                name: "lab-dev",
                driver: "bridge",
                subnets: ["10.200.0.0/22"],
                labels: {},
            },
        ];
    }

    private hasFile(one: FakeContainer, path: string): boolean {
        if (path.endsWith("joining.conf")) {
            return one.gated;
        }
        return path.endsWith("multus.conf") ? this.isFit() : one.initialized;
    }
    private isFit(): boolean {
        const { fit = 0 } = this.behaviour;
        this.behaviour = { ...this.behaviour, fit: fit - 1 };
        return fit <= 0;
    }
    private answer(): void {
        if (this.behaviour.silent) {
            throw new RuntimeSilent("docker does not answer");
        }
    }
    private all(): FakeContainer[] {
        return readdirSync(join(this.folder, "containers")).map((name) => this.one(name));
    }
    private save(container: FakeContainer): void {
        // In one step, for other processes read it meanwhile.
        const made = join(this.folder, randomUUID());
        writeFileSync(made, JSON.stringify(container));
        renameSync(made, this.path(container.name));
    }
    private path(name: string): string {
        return join(this.folder, "containers", name);
    }
}

function fail(stderr: string, code: number, stdout = ""): never {
    throw new CommandFailed(`failed with code ${code}\n${stderr}`, { stdout, stderr, code });
}

/** A kubeconfig whose certificate authority is `identity`. */
export function kubeconfig(identity: string): string {
    return stringify({
        clusters: [
            {
                name: "kind-lab",
                cluster: {
                    server: "https://127.0.0.1:6443",
                    "certificate-authority-data": Buffer.from(identity).toString("base64"),
                },
            },
        ],
        users: [{ name: "kind", user: { "client-key-data": "c2VjcmV0" } }],
    });
}
