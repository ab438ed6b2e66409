import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { joinConfig, workerArgs, workerEnv } from "../../provider/kind/worker.ts";
import type { Container } from "../../provider/runtime/runtime.ts";

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
        assert.deepEqual(workerArgs("lab-dev-edge1-worker", host), [
            ...["--hostname", "lab-dev-edge1-worker"],
            ...["--label", "io.x-k8s.kind.role=worker"],
            ...["--label", "io.x-k8s.kind.cluster=lab-dev-edge1"],
            ...["--net", "lab-dev"],
            "--privileged",
            ...["--security-opt", "seccomp=unconfined"],
            ...["--security-opt", "apparmor=unconfined"],
            ...["--tmpfs", "/tmp"],
            ...["--tmpfs", "/run"],
            ...["--volume", "/var"],
            "--tty",
            "--restart=on-failure:1",
            "--init=false",
            "--cgroupns=private",
            ...["--volume", "/lib/modules:/lib/modules:ro"],
            ...["--volume", "/dev/mapper:/dev/mapper"],
            ...["--volume", "/now/cni-plugins:/opt/multinet/cni-plugins:ro"],
            ...["--device", "/dev/fuse"],
            ...["--sysctl", "net.ipv6.conf.all.forwarding=1"],
            "--userns=host",
            "kindest/node:v1",
        ]);
        assert.deepEqual(workerEnv(controlPlane), ["HTTP_PROXY=p"]);
        const without = workerArgs("w", { ...host, cniPlugins: undefined });
        assert.ok(!without.join().includes("cni-plugins"));
    });
});
