import assert from "node:assert/strict";
import { exec } from "../../provider/exec.ts";
import { lastWords } from "../../provider/lastWords.ts";

const TRACE = [
    "k8s.io/kubernetes/cmd/kubeadm/app/cmd/phases/workflow.(*Runner).Run.func1",
    "\tk8s.io/kubernetes/cmd/kubeadm/app/cmd/phases/workflow/runner.go:262",
    "k8s.io/kubernetes/cmd/kubeadm/app/cmd/phases/workflow.(*Runner).visitAll",
    "\tk8s.io/kubernetes/cmd/kubeadm/app/cmd/phases/workflow/runner.go:451",
    "k8s.io/kubernetes/cmd/kubeadm/app/cmd.newCmdInit.func1",
    "\tk8s.io/kubernetes/cmd/kubeadm/app/cmd/init.go:128",
    "github.com/spf13/cobra.(*Command).execute",
    "\tgithub.com/spf13/cobra@v1.9.1/command.go:1015",
    "main.main",
    "\tk8s.io/kubernetes/cmd/kubeadm/kubeadm.go:25",
    "runtime.main",
    "\truntime/proc.go:283",
    "runtime.goexit",
    "\truntime/asm_amd64.s:1700",
];

/** As kind ends when kubeadm, to which it says `--v=6`, gives up waiting for a control plane. */
const KUBEADM = [
    'ERROR: failed to create cluster: failed to init node with kubeadm: command "podman exec --privileged n kubeadm init" failed with error: exit status 1',
    "",
    "Command Output: I1125 17:02:11.140120     200 initconfiguration.go:261] loading configuration from the given file",
    "[control-plane-check] Checking kube-apiserver at https://10.206.152.2:6443/livez",
    ...Array.from(
        { length: 30 },
        (_, i) =>
            `I1125 17:06:${10 + i}.140120     200 round_trippers.go:632] "Response" status=""`,
    ),
    "[control-plane-check] kube-apiserver is not healthy after 4m0.000s",
    "",
    "A control plane component may have crashed or exited when started by the container runtime.",
    "[kube-apiserver check failed at https://10.206.152.2:6443/livez: connect: connection refused]",
    "failed while waiting for the control plane to start",
    ...TRACE,
    "error execution phase wait-control-plane",
    ...TRACE,
].join("\n");

describe("what is quoted of a program that failed", () => {
    it("has kubeadm's cause, and not its stack traces", () => {
        const words = lastWords(KUBEADM);
        assert.match(words, /is not healthy after 4m0\.000s\n.*\n.*connection refused\]\n/);
        assert.match(words, /waiting for the control plane to start\nerror execution phase wait-/);
        assert.doesNotMatch(words, /runner\.go|runtime\.main|round_trippers/);
    });

    it("is all that there is, if it is nothing but that", () => {
        assert.match(lastWords(TRACE.join("\n")), /runtime\.goexit\n\truntime\/asm_amd64/);
        assert.equal(lastWords(""), "");
        assert.equal(lastWords("a\n\n b\n"), "a\n b");
    });

    it("is part of the error", async () => {
        const failure = exec("sh", ["-c", 'printf %s "$0" >&2; exit 1', KUBEADM]);
        await assert.rejects(failure, ({ message }: Error) =>
            message.endsWith("start\nerror execution phase wait-control-plane"),
        );
    });
});
