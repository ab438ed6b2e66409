import { spawnSync } from "node:child_process";
import {
    chmodSync,
    existsSync,
    mkdirSync,
    readdirSync,
    readFileSync,
    renameSync,
    rmSync,
    writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { until, type Program, type Sandbox } from "./sandbox.ts";

/** Of the chart node-agent. */
export const CHART_FILES = new URL("../../../charts/node-agent/files/", import.meta.url).pathname;

export interface Conflist {
    name: string;
    plugins: { type: string; [key: string]: unknown }[];
    [key: string]: unknown;
}

/** What a node is told: the values `nodesNetwork`, `exempt`, `unreachable`, `slices` and `nodes.<node>` of the chart node-agent. */
export interface NodePlan {
    nodesNetwork: string;
    exempt?: string[];
    unreachable?: { metric: number; cidrs?: string[] };
    /** Of all nodes, by name. */
    slices?: Record<string, string[]>;
    /** Of this node. */
    attachments?: { network: string; conflist: Conflist }[];
}

export interface RecordedEvent {
    reason: string;
    message: string;
    metadata: { name: string; namespace: string };
    involvedObject: { kind: string; name: string };
}

/** The tools that the agent and these tests use, beside those of the sandbox. */
export const NODE_TOOLS = ["jq", "getent", "nft", "conntrack", "flock", "iptables-nft"];

/** The CNI plugins that kind's node image has, and those that a network may take from the machine. */
const PLUGINS = { plugins: ["host-local", "ptp"], source: ["bridge", "macvlan", "ptp", "static"] };

/**
 * One node: the files that the agent's DaemonSet mounts, and a substitute for `curl` that keeps the events. Each CNI
 * plugin says which folder it came from.
 */
export class TestNode {
    readonly space: string;
    private readonly box: Sandbox;
    private readonly folder: string;
    private readonly name: string;

    constructor(box: Sandbox, space: string, name: string) {
        this.box = box;
        this.space = space;
        this.name = name;
        this.folder = join(box.folder, name);
        for (const part of ["networks", "cni", "plugins", "source", "bin", "events"]) {
            mkdirSync(join(this.folder, part), { recursive: true });
        }
        for (const [folder, names] of Object.entries(PLUGINS)) {
            for (const name of names) {
                writeFileSync(this.path(folder, name), `${name} of ${folder}`, { mode: 0o755 });
            }
        }
        const curl = join(this.folder, "bin/curl");
        writeFileSync(
            curl,
            '#!/bin/sh\ncat >"$EVENTS/$$.part" && mv "$EVENTS/$$.part" "$EVENTS/$$.json"\n',
        );
        chmodSync(curl, 0o755);
        this.hosts({});
        this.multus(true);
    }

    path(...parts: string[]): string {
        return join(this.folder, ...parts);
    }

    /** What the node's resolver knows; written in place, since the file is mounted. */
    hosts(addresses: Record<string, string>): void {
        // With the dot of an absolute name, which the agent asks for.
        const lines = Object.entries(addresses).map(([name, address]) => `${address} ${name}.\n`);
        writeFileSync(this.path("hosts"), `127.0.0.1 localhost\n${lines.join("")}`);
    }

    plan({ attachments, ...cluster }: NodePlan): void {
        writeFileSync(this.path("plan.json"), JSON.stringify(cluster));
        writeFileSync(this.path("node.json"), JSON.stringify({ attachments }));
    }

    multus(installed: boolean): void {
        const file = this.path("cni/00-multus.conf");
        if (installed) {
            writeFileSync(file, "{}");
        } else {
            rmSync(file, { force: true });
        }
    }

    /** Writes a file of /etc/cni/net.d at once, as a CNI does. */
    cni(name: string, content: object): void {
        writeFileSync(this.path("cni", "part"), JSON.stringify(content));
        renameSync(this.path("cni", "part"), this.path("cni", name));
    }

    /** `generation` is that of the DaemonSet's template: of two agents the newer one acts. */
    start(generation = 1): Program {
        rmSync(this.run(generation), { recursive: true, force: true });
        return this.box.start(this.space, ["bash", `${CHART_FILES}agent.sh`], {
            hosts: this.path("hosts"),
            env: {
                PATH: `${this.path("bin")}:${process.env["PATH"]}`,
                EVENTS: this.path("events"),
                KUBERNETES_SERVICE_HOST: "192.0.2.1",
                KUBERNETES_SERVICE_PORT: "443",
                NODE_NAME: this.name,
                GENERATION: `${generation}`,
                CLUSTER_PLAN: this.path("plan.json"),
                NODE_PLAN: this.path("node.json"),
                NETWORK_DIR: this.path("networks"),
                PLUGIN_DIR: this.path("plugins"),
                PLUGIN_SOURCE: this.path("source"),
                PRIMARY_CONF: this.path("cni/10-calico.conflist"),
                MULTUS_CONF: this.path("cni/00-multus.conf"),
                STATUS_FILE: join(this.run(generation), "status"),
            },
        });
    }

    status(generation = 1): string {
        const file = join(this.run(generation), "status");
        return existsSync(file) ? readFileSync(file, "utf8").trim() : "";
    }

    /** Waits until the agent has looked at least so many times more. */
    async rounds(count: number): Promise<void> {
        const file = join(this.run(1), "status.beat");
        const beat = () => Number(readFileSync(file, "utf8"));
        const then = beat();
        await until(`${count} more rounds`, () => beat() > then + 2 * count);
    }

    /** What a probe says; nothing when it succeeds. */
    probe(script: string, words: string[]): string {
        const { status, stdout } = spawnSync("bash", [`${CHART_FILES}${script}`, ...words], {
            encoding: "utf8",
            env: { ...process.env, STATUS_FILE: join(this.run(1), "status") },
        });
        return status === 0 ? "" : stdout.trim();
    }

    /** The agent's routes as `ip route` prints them, sorted. */
    routes(): string[] {
        const lines = this.box.ip(this.space, "-4 route show proto 200").split("\n");
        return lines
            .map((line) => line.trim())
            .filter((line) => line !== "")
            .sort();
    }

    /** The rules of the agent's own chain; none if the kernel does not ask it. */
    exemption(): string[] {
        try {
            const list = this.box.run(this.space, ["nft", "list", "table", "ip", "multinet"]);
            return list.includes("dormant") ? [] : (list.match(/ip saddr .*|drop/g) ?? []);
        } catch {
            return [];
        }
    }

    networkFiles(): string[] {
        return readdirSync(this.path("networks")).filter((file) => !file.startsWith("."));
    }

    events(): RecordedEvent[] {
        return readdirSync(this.path("events"))
            .filter((file) => file.endsWith(".json"))
            .map(
                (file) =>
                    JSON.parse(readFileSync(this.path("events", file), "utf8")) as RecordedEvent,
            );
    }

    ready(generation = 1): Promise<boolean> {
        const status = () => this.status(generation);
        const what = () => `${this.name} is ready; it says: ${status()}`;
        return until(what, () => status() === "ready");
    }

    private run(generation: number): string {
        return this.path(`run${generation}`);
    }
}
