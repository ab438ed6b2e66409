import { parse } from "yaml";
import type { Stack } from "../e2e/stack.ts";
import { Node, type ApiNode } from "./node.ts";
import { podOf, type ApiPod, type Pod } from "./pod.ts";

/** A cluster of a stack, as its API shows it. */
export class Cluster {
    readonly name: string;
    private readonly stack: Stack;

    constructor(stack: Stack, name: string) {
        this.stack = stack;
        this.name = name;
    }

    kubectl(...args: string[]): Promise<string> {
        return this.stack.kubectl(this.name, args);
    }

    async get<T>(...args: string[]): Promise<T> {
        return JSON.parse(await this.kubectl("get", "--output", "json", ...args)) as T;
    }

    async list<T>(...args: string[]): Promise<T[]> {
        return (await this.get<{ items: T[] }>(...args)).items;
    }

    apply(object: object): Promise<string> {
        const input = JSON.stringify(object);
        return this.stack.kubectl(this.name, ["apply", "--filename", "-"], { input });
    }

    /** Waits for the rollout of a workload of kube-system, such as `ds/cilium`. */
    rolledOut(workload: string, seconds = 180): Promise<string> {
        const args = ["rollout", "status", workload, "--namespace", "kube-system"];
        return this.stack.kubectl(this.name, args, { seconds });
    }

    /** How kube-proxy programs Services; empty is its default. */
    async kubeProxyMode(): Promise<string> {
        const { data } = await this.get<{ data: Record<string, string> }>(
            ...["configmap", "kube-proxy", "--namespace", "kube-system"],
        );
        return (parse(data["config.conf"]!) as { mode: string }).mode;
    }

    async calicoDataplane(): Promise<string> {
        const { spec } = await this.get<{ spec: { calicoNetwork: { linuxDataplane: string } } }>(
            ...["installation", "default"],
        );
        return spec.calicoNetwork.linuxDataplane;
    }

    async nodes(): Promise<Node[]> {
        return (await this.list<ApiNode>("nodes")).map((node) => new Node(node));
    }

    /** Those that the options of `kubectl get pods` choose; without any, all of the cluster. */
    async pods(...choice: string[]): Promise<Pod[]> {
        const options = choice.length > 0 ? choice : ["--all-namespaces"];
        return (await this.list<ApiPod>("pods", ...options)).map(podOf);
    }

    /** The pod of a demo Deployment that runs; the matrix asks it no later. */
    async demo(name: string): Promise<Pod> {
        const pods = await this.pods("--selector", `multinet.dev/demo=${name}`);
        const pod = pods.find(({ running, terminating }) => running && !terminating);
        if (!pod) {
            throw new Error(`no pod of ${name} runs in ${this.name}`);
        }
        return pod;
    }

    /** Runs a command in a pod and returns what it says, however it ends. */
    async exec({ namespace, name }: Pod, seconds: number, ...command: string[]): Promise<string> {
        const args = ["exec", "--namespace", namespace, name, "--"];
        const always = ["bash", "-c", '"$@" 2>&1; true', "-", ...command];
        return this.stack.kubectl(this.name, [...args, ...always], { seconds });
    }

    /** Whether a connection over TCP comes about from a pod. */
    async connects(from: Pod, address: string, port: number): Promise<boolean> {
        const target = `TCP4:${address}:${port},connect-timeout=3`;
        const said = await this.exec(
            from,
            30,
            "bash",
            "-c",
            'socat -u /dev/null "$0" && echo ok',
            target,
        );
        return said.trim() === "ok";
    }
}
