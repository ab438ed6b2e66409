import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { joinConfig } from "../../provider/kind/worker.ts";
import { workerArgs, workerEnv } from "../../provider/kind/workerFlags.ts";
import { container } from "../../provider/runtime/docker.ts";
import type { Container } from "../../provider/runtime/runtime.ts";
import { recorded } from "../fixtures/podman.ts";

const TEMPLATE = readFileSync(join(import.meta.dirname, "fixtures/kubeadm.conf"), "utf8");
const WORKER = { name: "lab-dev-edge1-worker", address: "10.200.0.9", token: "new.token" };

type Document = Record<string, unknown>;
const documents = (text: string) => parseAllDocuments(text).map((one) => one.toJS() as Document);

describe("another worker", () => {
    it("joins with its own name and address, and the labels of the others", () => {
        const before = documents(TEMPLATE);
        const after = documents(joinConfig(TEMPLATE, WORKER));
        const join = after.find(({ kind }) => kind === "JoinConfiguration");
        assert.deepEqual(join, {
            apiVersion: "kubeadm.k8s.io/v1beta3",
            kind: "JoinConfiguration",
            discovery: {
                bootstrapToken: {
                    apiServerEndpoint: "lab-dev-edge1-control-plane:6443",
                    token: "new.token",
                    unsafeSkipCAVerification: true,
                },
            },
            nodeRegistration: {
                criSocket: "unix:///run/containerd/containerd.sock",
                kubeletExtraArgs: {
                    "node-ip": "10.200.0.9",
                    "node-labels": "multinet.dev/spec=0123",
                    "provider-id": "kind://docker/lab-dev-edge1/lab-dev-edge1-worker",
                },
            },
            skipPhases: ["preflight"],
        });
        const others = (all: Document[]) => all.filter(({ kind }) => kind !== "JoinConfiguration");
        assert.deepEqual(others(after), others(before));
    });

    it("understands arguments as a list, as newer kubeadm has them", () => {
        const template = TEMPLATE.replaceAll(
            /kubeletExtraArgs:\n {4}node-ip: (.*)\n {4}node-labels: (.*)\n {4}provider-id: (.*)/g,
            "kubeletExtraArgs: [{name: node-ip, value: $1}, {name: provider-id, value: $3}]",
        );
        const join = documents(joinConfig(template, WORKER)).find(
            ({ kind }) => kind === "JoinConfiguration",
        );
        const { kubeletExtraArgs } = join?.["nodeRegistration"] as Document;
        assert.deepEqual(kubeletExtraArgs, [
            { name: "node-ip", value: "10.200.0.9" },
            { name: "provider-id", value: "kind://docker/lab-dev-edge1/lab-dev-edge1-worker" },
        ]);
    });

    it("says what is missing in a configuration that cannot serve", () => {
        assert.throws(() => joinConfig("kind: Other\n", WORKER), /has no JoinConfiguration/);
    });

    it("is run with kind's flags, and what the control plane was given for this host", () => {
        const controlPlane: Container = {
            id: "1",
            name: "lab-dev-edge1-control-plane",
            image: "kindest/node:v1",
            state: "running",
            labels: { "io.x-k8s.kind.cluster": "lab-dev-edge1" },
            networks: { "lab-dev": "10.200.0.2" },
            memory: 0,
            env: ["HTTP_PROXY=p", "KUBECONFIG=/etc/kubernetes/admin.conf"],
            binds: [
                "/lib/modules:/lib/modules:ro",
                "/before/cni-plugins:/opt/multinet/cni-plugins:ro",
                "/dev/mapper:/dev/mapper",
            ],
            devices: ["/dev/fuse"],
            sysctls: { "net.ipv6.conf.all.forwarding": "1" },
            userns: "host",
        };
        const host = { controlPlane, network: "lab-dev", cniPlugins: "/now/cni-plugins" };
        assert.deepEqual(workerArgs("docker", "lab-dev-edge1-worker", host), [
            ...["--hostname", "lab-dev-edge1-worker"],
            ...["--label", "io.x-k8s.kind.role=worker"],
            ...["--label", "io.x-k8s.kind.cluster=lab-dev-edge1"],
            ...["--net", "lab-dev"],
            "--privileged",
            ...["--tmpfs", "/tmp"],
            ...["--tmpfs", "/run"],
            "--tty",
            "--cgroupns=private",
            ...["--security-opt", "seccomp=unconfined"],
            ...["--security-opt", "apparmor=unconfined"],
            ...["--volume", "/var"],
            "--restart=on-failure:1",
            "--init=false",
            ...["--volume", "/lib/modules:/lib/modules:ro"],
            ...["--volume", "/dev/mapper:/dev/mapper"],
            ...["--volume", "/now/cni-plugins:/opt/multinet/cni-plugins:ro"],
            ...["--device", "/dev/fuse"],
            ...["--sysctl", "net.ipv6.conf.all.forwarding=1"],
            "--userns=host",
            "kindest/node:v1",
        ]);
        assert.deepEqual(workerEnv(controlPlane), ["HTTP_PROXY=p"]);
        const without = workerArgs("docker", "w", { ...host, cniPlugins: undefined });
        assert.ok(!without.join().includes("cni-plugins"));
    });

    it("has with Podman a volume of its own, and not the control plane's data or name", () => {
        const [inspected] = JSON.parse(recorded("node.json")) as Parameters<typeof container>;
        const controlPlane = container(inspected);
        const host = { controlPlane, network: "multinet-dev", cniPlugins: undefined };
        const args = workerArgs("podman", "multinet-dev-edge1-worker", host);
        assert.deepEqual(args.slice(args.indexOf("--cgroupns=private") + 1), [
            ...["--mount", "type=volume,destination=/var,suid,exec,dev"],
            ...["--volume", "/lib/modules:/lib/modules:ro,rprivate,rbind"],
            "multinet.local/kindest-node:v1.34.4-ffc8fa94a728",
        ]);
        assert.ok(!args.some((arg) => /security-opt|restart|init/.test(arg)));
        const names = workerEnv(controlPlane).map((pair) => pair.split("=")[0]);
        assert.deepEqual(names, ["PATH", "TERM", "container", "HOME"]);
    });
});
