import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { procTable, psTable } from "../../../system/processTable.ts";

describe("table of processes", () => {
    /** What macOS prints: programs with their whole path. */
    const MAC: Record<string, string> = {
        "pid=,ppid=,uid=,stat=,lstart=,comm=":
            "    1     0     0 Ss   Fri Nov 20 08:00:01 2026     /sbin/launchd\n" +
            "  812     1   501 S    Thu Nov 26 09:12:44 2026     /Users/anna/my lab/.multinet/tools/pulumi\n" +
            "  900   812   501 Z    Thu Nov 26 09:12:45 2026     (node)\n",
        "pid=,args=": "    1 /sbin/launchd\n  812 /Users/anna/lab/pulumi up --stack dev\n  900 \n",
    };
    const mac = psTable((args) => MAC[args.at(-1)!]!);

    it("of macOS has users, parents, start times and names", () => {
        const [first, pulumi, zombie] = mac.stats();
        assert.equal(first!.name, "launchd");
        assert.deepEqual(
            { ...pulumi, start: undefined },
            { pid: 812, parent: 1, uid: 501, start: undefined, name: "pulumi" },
        );
        assert.equal(pulumi!.start! - first!.start!, 6 * 86400 + 3600 + 12 * 60 + 43);
        assert.equal(zombie!.start, undefined);
    });

    it("of macOS has command lines", () => {
        assert.deepEqual(mac.running()[1], {
            pid: 812,
            args: ["/Users/anna/lab/pulumi", "up", "--stack", "dev"],
        });
    });

    it("says nothing of a process that is gone", () => {
        assert.equal(psTable(() => "").stat(2 ** 22 + 1), undefined);
        assert.equal(procTable.stat(2 ** 22 + 1), undefined);
    });

    it("is the same by ps as by /proc", async function () {
        try {
            execFileSync("ps", ["--version"]);
        } catch {
            this.skip(); // this machine has no such program
        }
        const child = spawn("sleep", ["60"]);
        const [pid, ps] = [child.pid!, psTable()];
        try {
            const [one, other] = [procTable.stat(pid)!, ps.stat(pid)!];
            assert.deepEqual({ ...other, start: 0 }, { ...one, start: 0 });
            assert.equal(one.parent, process.pid);
            assert.ok(other.start! > 0);
            const listed = ps.running().find((running) => running.pid === pid);
            assert.deepEqual(listed, { pid, args: ["sleep", "60"] });
            assert.deepEqual(
                procTable.running().find((running) => running.pid === pid),
                listed,
            );
            assert.ok(ps.stats().some((stat) => stat.pid === pid));
        } finally {
            child.kill();
            await once(child, "close");
        }
        assert.equal(ps.stat(pid), undefined);
    });
});
