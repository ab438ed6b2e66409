import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer, type WebSocket } from "ws";
import { kubeconfig } from "./world.ts";

interface Stored {
    apiVersion: string;
    kind: string;
    metadata: { name: string; namespace?: string; labels?: Record<string, string> };
}

const RESOURCES: Record<string, { name: string; kind: string; namespaced: boolean }[]> = {
    "/api/v1": [
        { name: "secrets", kind: "Secret", namespaced: true },
        { name: "pods", kind: "Pod", namespaced: true },
        { name: "configmaps", kind: "ConfigMap", namespaced: true },
    ],
    "/apis/apps/v1": [
        { name: "daemonsets", kind: "DaemonSet", namespaced: true },
        { name: "daemonsets/status", kind: "DaemonSet", namespaced: true },
    ],
    "/apis/rbac.authorization.k8s.io/v1": [
        { name: "clusterroles", kind: "ClusterRole", namespaced: false },
    ],
};

/** A Kubernetes API that keeps objects under their paths: gets, lists all of a kind, deletes. */
export class FakeApi {
    readonly objects = new Map<string, object>();
    readonly requests: string[] = [];
    /** How many requests are still answered with 503. */
    busy = 0;
    private readonly server: Server = createServer((request, response) => {
        const { method = "", url = "" } = request;
        const path = url.split("?")[0]!;
        this.requests.push(`${method} ${url}`);
        const [status, body] =
            this.busy-- > 0 ? [503, { message: "busy" }] : this.answer(method, path);
        response.writeHead(status, { "content-type": "application/json" });
        response.end(JSON.stringify(body));
    });

    /** What the probe in a pod says, by pod and `kind address`; what is not named is a timeout. */
    answers: Record<string, Record<string, string>> = {};
    private readonly pods = new WebSocketServer({
        noServer: true,
        handleProtocols: () => "v5.channel.k8s.io",
    });

    constructor() {
        this.server.on("upgrade", (request, socket, head) => {
            const pod = /\/pods\/([^/]+)\/exec\?/.exec(request.url ?? "")?.[1] ?? "";
            const known = this.answers[pod];
            if (known)
                this.pods.handleUpgrade(request, socket, head, (exec) => converse(exec, known));
            else socket.end("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n");
        });
    }

    async start(): Promise<void> {
        await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    }
    stop(): void {
        for (const exec of this.pods.clients) exec.terminate();
        this.server.closeAllConnections();
        this.server.close();
    }

    get url(): string {
        return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    }
    /** A kubeconfig that leads here. */
    get kubeconfig(): string {
        return kubeconfig("fake").replace(/https:\/\/\S+/, this.url);
    }

    put(path: string, object: object): void {
        this.objects.set(path, object);
    }

    private answer(method: string, path: string): [number, object] {
        if (path === "/readyz") {
            return [200, {}];
        }
        if (method === "DELETE") {
            return this.objects.delete(path) ? [200, {}] : [404, { message: "not found" }];
        }
        if (RESOURCES[path]) {
            return [200, { resources: RESOURCES[path] }];
        }
        const object = this.objects.get(path);
        if (object) {
            return [200, object];
        }
        const listed = /^\/api\/v1\/(?:namespaces\/[^/]+\/)?(secrets|pods)$/.exec(path);
        if (listed) {
            const items = [...this.objects]
                .filter(([path]) => path.split("/").at(-2) === listed[1])
                .map(([, one]) => one as Stored);
            return [200, { items }];
        }
        return [404, { message: "not found" }];
    }
}

/** Plays the probe: answers each line of standard input when that ends. */
function converse(exec: WebSocket, known: Record<string, string>): void {
    let input = "";
    exec.on("message", (message: Buffer) => {
        const [channel, ...rest] = message;
        if (channel === 0) input += Buffer.from(rest).toString();
        if (channel !== 255) return;
        const said = input
            .trim()
            .split("\n")
            .map((question) => `${question} ${known[question] ?? "fail timeout"}\n`);
        exec.send(Buffer.concat([Buffer.of(1), Buffer.from(said.join(""))]));
        exec.send(Buffer.concat([Buffer.of(3), Buffer.from('{"status":"Success"}')]));
        exec.close();
    });
}
