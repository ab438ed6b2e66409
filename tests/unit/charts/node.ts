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

const agent = new URL("../../../charts/node-routes/files/agent.sh", import.meta.url).pathname;

export interface Conflist {
    name: string;
    plugins: { type: string; [key: string]: unknown }[];
    [key: string]: unknown;
}

/** What a node is told: the values `networks` and `nodes.<node>` of the chart node-routes. */
export interface NodePlan {
    networks: { name: string; cidr: string }[];
    attachments: { network: string; slice?: string; gateway?: string; conflist: Conflist }[];
    routes: { dst: string; via: string; network: string }[];
    unreachable: string[];
}

export interface RecordedEvent {
    reason: string;
    message: string;
    metadata: { name: string; namespace: string };
    involvedObject: { kind: string; name: string };
}

/** The tools that the agent and these tests use, beside those of the sandbox. */
export const NODE_TOOLS = ["jq", "getent", "iptables-nft", "iptables-nft-restore"];

/** The CNI plugins that kind's node image has, and those that a network may take from the machine. */
const PLUGINS = { plugins: ["host-local", "ptp"], source: ["bridge", "macvlan", "ptp", "static"] };

/**
 * One node: the files that the agent's DaemonSet mounts, and a stand-in for `curl` that keeps the events. Each CNI
 * plugin says which folder it came from.
 */
export class TestNode {
    readonly space: string;
    readonly #box: Sandbox;
    readonly #folder: string;
    readonly #name: string;

    constructor(box: Sandbox, space: string, name: string) {
        this.#box = box;
        this.space = space;
        this.#name = name;
        this.#folder = join(box.folder, name);
        for (const part of ["networks", "cni", "plugins", "source", "bin", "events"]) {
            mkdirSync(join(this.#folder, part), { recursive: true });
        }
        for (const [folder, names] of Object.entries(PLUGINS)) {
            for (const name of names) {
                writeFileSync(this.path(folder, name), `${name} of ${folder}`, { mode: 0o755 });
            }
        }
        const curl = join(this.#folder, "bin/curl");
        writeFileSync(
            curl,
            '#!/bin/sh\ncat >"$EVENTS/$$.part" && mv "$EVENTS/$$.part" "$EVENTS/$$.json"\n',
        );
        chmodSync(curl, 0o755);
        this.hosts({});
        this.multus(true);
    }

    path(...parts: string[]): string {
        return join(this.#folder, ...parts);
    }

    /** What the node's resolver knows; written in place, since the file is mounted. */
    hosts(addresses: Record<string, string>): void {
        const lines = Object.entries(addresses).map(([name, address]) => `${address} ${name}\n`);
        writeFileSync(this.path("hosts"), `127.0.0.1 localhost\n${lines.join("")}`);
    }

    plan(plan: NodePlan): void {
        writeFileSync(this.path("plan.json"), JSON.stringify(plan));
    }

    multus(installed: boolean): void {
        const file = this.path("cni/00-multus.conf");
        if (installed) writeFileSync(file, "{}");
        else rmSync(file, { force: true });
    }

    /** Writes a file of /etc/cni/net.d at once, as a CNI does. */
    cni(name: string, content: object): void {
        writeFileSync(this.path("cni", "part"), JSON.stringify(content));
        renameSync(this.path("cni", "part"), this.path("cni", name));
    }

    /** `released` in seconds since 1970: of two agents the younger one acts. */
    start(released = 1): Program {
        rmSync(this.path("run"), { recursive: true, force: true });
        return this.#box.start(this.space, ["bash", agent], {
            hosts: this.path("hosts"),
            env: {
                PATH: `${this.path("bin")}:${process.env["PATH"]}`,
                EVENTS: this.path("events"),
                KUBERNETES_SERVICE_HOST: "192.0.2.1",
                KUBERNETES_SERVICE_PORT: "443",
                NODE_NAME: this.#name,
                RELEASED: `${released}`,
                PLAN_FILE: this.path("plan.json"),
                NETWORK_DIR: this.path("networks"),
                PLUGIN_DIR: this.path("plugins"),
                PLUGIN_SOURCE: this.path("source"),
                PRIMARY_CONF: this.path("cni/10-calico.conflist"),
                MULTUS_CONF: this.path("cni/00-multus.conf"),
                STATUS_FILE: this.path("run/status"),
            },
        });
    }

    status(): string {
        return existsSync(this.path("run/status"))
            ? readFileSync(this.path("run/status"), "utf8").trim()
            : "";
    }

    /** The agent's routes as `ip route` prints them, sorted. */
    routes(): string[] {
        const lines = this.#box.ip(this.space, "-4 route show proto 200").split("\n");
        return lines
            .map((line) => line.trim())
            .filter((line) => line !== "")
            .sort();
    }

    nat(chain: string, iptables = "iptables-nft"): string[] {
        return this.#box
            .run(this.space, [iptables, "-w", "-t", "nat", "-S", chain])
            .trim()
            .split("\n");
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

    ready(): Promise<boolean> {
        const what = () => `${this.#name} is ready; it says: ${this.status()}`;
        return until(what, () => this.status() === "ready");
    }
}
