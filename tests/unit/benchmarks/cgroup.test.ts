import assert from "node:assert/strict";
import { mountOf, pathIn } from "../../../benchmarks/cgroup.ts";
import { groupOf } from "../../../benchmarks/memory.ts";

const MOUNTS = `proc /proc proc rw 0 0
cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,relatime,cpu,cpuacct 0 0
cgroup /sys/fs/cgroup/memory cgroup rw,relatime,memory 0 0
cgroup2 /sys/fs/cgroup/unified cgroup2 rw,relatime 0 0
`;

describe("control groups", () => {
    it("are found where they are mounted", () => {
        assert.equal(mountOf("cgroup", "memory", MOUNTS), "/sys/fs/cgroup/memory");
        assert.equal(mountOf("cgroup", "cpuacct", MOUNTS), "/sys/fs/cgroup/cpu,cpuacct");
        assert.equal(mountOf("cgroup2", undefined, MOUNTS), "/sys/fs/cgroup/unified");
        assert.throws(() => mountOf("cgroup", "pids", MOUNTS), /needs Linux with control groups/);
    });

    it("are named per controller in version 1 and once in version 2", () => {
        const file = "9:name=systemd:/\n4:memory:/docker/abc\n2:cpu,cpuacct:/x\n0::/y\n";
        assert.equal(pathIn("memory", file), "/docker/abc");
        assert.equal(pathIn("cpuacct", file), "/x");
        assert.equal(pathIn("", file), "/y");
        assert.throws(() => pathIn("pids", file), /No control group of pids/);
    });

    it("of a container are its own, wherever in it its first process is", () => {
        assert.equal(groupOf("abc", "/docker/abc"), "/docker/abc");
        assert.equal(groupOf("abc", "/docker/abc/init.scope"), "/docker/abc");
        assert.equal(
            groupOf("abc", "/system.slice/docker-abc.scope/init.scope"),
            "/system.slice/docker-abc.scope",
        );
        assert.throws(() => groupOf("abc", "/user.slice"), /does not name container abc/);
    });
});
