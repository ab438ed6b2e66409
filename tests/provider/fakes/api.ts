import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer, type WebSocket } from "ws";
import { kubeconfig } from "./kubeconfig.ts";

interface Stored {
    apiVersion: string;
    kind: string;
    type?: string;
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
    "/apis/batch/v1": [{ name: "jobs", kind: "Job", namespaced: true }],
    "/apis/rbac.authorization.k8s.io/v1": [
        { name: "clusterroles", kind: "ClusterRole", namespaced: false },
    ],
    "/apis/apiextensions.k8s.io/v1": [
        { name: "customresourcedefinitions", kind: "CustomResourceDefinition", namespaced: false },
    ],
    "/apis/k8s.cni.cncf.io/v1": [
        {
            name: "network-attachment-definitions",
            kind: "NetworkAttachmentDefinition",
            namespaced: true,
        },
    ],
    "/apis/operator.tigera.io/v1": [
        { name: "installations", kind: "Installation", namespaced: false },
    ],
};

/** A Kubernetes API that keeps objects under their paths: gets, lists all of a kind, creates, patches, deletes. */
export class FakeApi {
    readonly objects = new Map<string, object>();
    readonly requests: string[] = [];
    /** How many connections were opened. */
    connections = 0;
    /** How many requests are still answered with 503. */
    busy = 0;
    /** How often `/readyz` still says no; meanwhile all else is refused with the status `young`. */
    starting = 0;
    young = 404;
    /** What a patch is refused with. */
    refusal: string | undefined;
    private readonly server: Server = createServer((request, response) => {
        const { method = "", url = "", headers } = request;
        this.requests.push(`${method} ${url}`);
        let body = "";
        request.on("data", (chunk: Buffer) => (body += chunk.toString()));
        request.on("end", () => {
            const type = headers["content-type"] ?? "";
            const { pathname, searchParams } = new URL(url, "http://api");
            const [status, answer] = this.answer(method, pathname, searchParams, type, body);
            response.writeHead(status, { "content-type": "application/json" });
            response.end(JSON.stringify(answer));
        });
    }).on("connection", () => this.connections++);

    /** What the probe in a pod says, by pod and `kind address`; what is not named is a timeout. Of a list, in turn. */
    answers: Record<string, Record<string, string | string[]>> = {};
    /** Pods answer, and then do not end. */
    stuck = false;
    /** What pods were asked, in all. */
    readonly questions: string[] = [];
    private readonly pods = new WebSocketServer({
        noServer: true,
        handleProtocols: () => "v5.channel.k8s.io",
    });

    constructor() {
        this.server.on("upgrade", (request, socket, head) => {
            const pod = /\/pods\/([^/]+)\/exec\?/.exec(request.url ?? "")?.[1] ?? "";
            const known = this.answers[pod];
            if (known) {
                this.pods.handleUpgrade(request, socket, head, (exec) =>
                    this.converse(exec, known),
                );
            } else {
                socket.end("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n");
            }
        });
    }

    async start(): Promise<void> {
        await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    }
    stop(): void {
        this.cut();
        this.server.close();
    }
    /** Breaks off all connections. */
    cut(): void {
        for (const exec of this.pods.clients) {
            exec.terminate();
        }
        this.server.closeAllConnections();
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

    /** Plays the probe: answers each line of standard input when that ends. */
    private converse(exec: WebSocket, known: Record<string, string | string[]>): void {
        let input = "";
        exec.on("message", (message: Buffer) => {
            const [channel, ...rest] = message;
            if (channel === 0) {
                input += Buffer.from(rest).toString();
            }
            if (channel !== 255) {
                return;
            }
            const questions = input.trim().split("\n");
            this.questions.push(...questions);
            const said = questions.map((question, index) => {
                const answer = known[question.split(" ").slice(0, 2).join(" ")];
                const one = Array.isArray(answer) ? answer.shift() : answer;
                return `${index} ${one ?? "fail timeout"}\n`;
            });
            exec.send(Buffer.concat([Buffer.of(1), Buffer.from(said.join(""))]));
            if (this.stuck) {
                return;
            }
            exec.send(Buffer.concat([Buffer.of(3), Buffer.from('{"status":"Success"}')]));
            exec.close();
        });
    }

    /** Namespaces that are not there: nothing can be created in them. */
    readonly missingNamespaces = new Set<string>();

    private create(collection: string, object: Stored): [number, object] {
        const { name } = object.metadata;
        if (collection === "/api/v1/namespaces") {
            this.missingNamespaces.delete(name);
        }
        const [, namespace = ""] = /\/namespaces\/([^/]+)\//.exec(collection) ?? [];
        if (this.missingNamespaces.has(namespace)) {
            return [404, { message: `namespaces "${namespace}" not found` }];
        }
        const path = `${collection}/${name}`;
        if (this.objects.has(path)) {
            return [409, { message: `"${name}" already exists` }];
        }
        const place = namespace === "" ? {} : { namespace };
        this.objects.set(path, { ...object, metadata: { ...place, ...object.metadata } });
        return [201, {}];
    }

    private answer(
        method: string,
        path: string,
        query: URLSearchParams,
        type: string,
        body: string,
    ): [number, object] {
        if (this.busy-- > 0) {
            return [503, { message: "busy" }];
        }
        if (path === "/readyz") {
            return this.starting-- > 0 ? [500, { message: "not yet" }] : [200, {}];
        }
        if (this.starting > 0) {
            return [this.young, { message: "who knows" }];
        }
        if (method === "PATCH") {
            const object = this.objects.get(path);
            if (this.refusal !== undefined) {
                return [422, { message: this.refusal }];
            }
            if (type !== "application/merge-patch+json") {
                return [415, { message: type }];
            }
            if (!object) {
                return [404, { message: "not found" }];
            }
            this.objects.set(path, merged(object, JSON.parse(body)) as object);
            return [200, {}];
        }
        if (method === "DELETE") {
            return this.objects.delete(path) ? [200, {}] : [404, { message: "not found" }];
        }
        if (method === "POST") {
            return this.create(path, JSON.parse(body) as Stored);
        }
        if (RESOURCES[path]) {
            return [200, { resources: RESOURCES[path] }];
        }
        const object = this.objects.get(path);
        if (object) {
            return [200, object];
        }
        // Only the kinds of the core are known before there is one.
        const kind = path.split("/").at(-1);
        const items = [...this.objects]
            .filter(([path]) => path.split("/").at(-2) === kind)
            .map(([, one]) => one as Stored)
            .filter((one) => kind !== "secrets" || isSelected(one, query));
        return items.length > 0 || kind === "secrets" || kind === "pods"
            ? [200, { items }]
            : [404, { message: "not found" }];
    }
}

function isSelected({ type = "", metadata }: Stored, query: URLSearchParams): boolean {
    const meets = (selector: string | null, values: Record<string, string>) =>
        (selector ?? "").split(",").every((term) => {
            const [key = "", value] = term.split(/!?=/);
            return key === "" || (values[key] === value) !== term.includes("!=");
        });
    return (
        meets(query.get("fieldSelector"), { type }) &&
        meets(query.get("labelSelector"), metadata.labels ?? {})
    );
}

/** JSON merge patch, RFC 7396. */
function merged(target: unknown, patch: unknown): unknown {
    if (typeof patch !== "object" || patch === null || Array.isArray(patch)) {
        return patch;
    }
    const result = { ...(target as object) } as Record<string, unknown>;
    for (const [key, value] of Object.entries(patch)) {
        if (value === null) {
            delete result[key];
        } else {
            result[key] = merged(result[key], value);
        }
    }
    return result;
}
