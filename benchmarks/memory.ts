import { readFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../system/process.ts";
import { mountOf, pathIn } from "./cgroup.ts";

/**
 * Bytes that the node containers of a kind cluster hold and that cannot be dropped like the page cache: anonymous
 * memory and the kernel's own.
 */
export async function clusterMemory(cluster: string, signal: AbortSignal): Promise<number> {
    const listed = await run(
        "docker",
        ["ps", "--quiet", "--no-trunc", "--filter", `label=io.x-k8s.kind.cluster=${cluster}`],
        { signal },
    );
    const ids = listed.split("\n").filter(Boolean);
    if (ids.length === 0) {
        throw new Error(`The cluster ${cluster} has no running node to measure.`);
    }
    const all = await Promise.all(ids.map((id) => containerMemory(id, signal)));
    return all.reduce((sum, bytes) => sum + bytes, 0);
}

async function containerMemory(id: string, signal: AbortSignal): Promise<number> {
    const pid = (
        await run("docker", ["inspect", "--format", "{{.State.Pid}}", id], { signal })
    ).trim();
    const file = groupsOf(pid, id);
    const first = /^\d+:([^:]*,)?memory(,[^:]*)?:/m.test(file);
    const group = first
        ? join(mountOf("cgroup", "memory"), groupOf(id, pathIn("memory", file)))
        : join(mountOf("cgroup2"), groupOf(id, pathIn("", file)));
    const stat = readFileSync(join(group, "memory.stat"), "utf8");
    return first
        ? field(stat, "total_rss") +
              Number(readFileSync(join(group, "memory.kmem.usage_in_bytes"), "utf8"))
        : field(stat, "anon") + field(stat, "kernel");
}

function groupsOf(pid: string, id: string): string {
    try {
        return readFileSync(`/proc/${pid}/cgroup`, "utf8");
    } catch {
        throw new Error(
            `Process ${pid} of container ${id} is not on this machine: the container engine runs elsewhere, or in a ` +
                "virtual machine. The benchmark measures memory only where the engine runs.",
        );
    }
}

/** A container's own group: its first process may have moved to one further down. */
export function groupOf(id: string, path: string): string {
    const [own] = new RegExp(`^.*${id}[^/]*`).exec(path) ?? [];
    if (own === undefined) {
        throw new Error(`The control group ${path} does not name container ${id}.`);
    }
    return own;
}

function field(stat: string, name: string): number {
    const [, value] = new RegExp(`^${name} (\\d+)$`, "m").exec(stat) ?? [];
    if (value === undefined) {
        throw new Error(`memory.stat has no "${name}" on this kernel.`);
    }
    return Number(value);
}
