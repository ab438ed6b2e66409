import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { PROJECT } from "../../../cli/project.ts";
import { stackConfig } from "../../../cli/state/stackFile.ts";
import { validateConfig } from "../../../plan/config/validate.ts";
import { hostConflicts } from "../../../plan/rules/hostConflicts.ts";
import {
    podmanProblems,
    podmanRanges,
    podmanWarnings,
    type PodmanFacts,
} from "../../../plan/rules/podmanHost.ts";
import { factsOf, type PodmanInfo } from "../../../provider/runtime/podmanFacts.ts";
import { temporaryDirectory } from "../temporary.ts";
import { ABLE, BARE } from "./podmanMachines.ts";

describe("a machine for Podman", () => {
    const reasons = (change: Partial<PodmanFacts>, nodes = 2) =>
        podmanProblems({ ...ABLE, ...change }, nodes).map(({ reason }) => reason);

    it("has nothing against one that has it all, nor against one of which less is known", () => {
        assert.deepEqual(podmanProblems(ABLE, 4), []);
        assert.deepEqual(podmanWarnings(ABLE), []);
        const unknown = { controllers: undefined, storage: undefined, hasNameServer: undefined };
        assert.deepEqual(reasons({ ...unknown, networkBackend: undefined }), []);
    });

    for (const [what, change, expected] of [
        ["cgroup v1", { cgroup: "v1" }, /on cgroup v2 only/],
        ["no uidmap", { missingIdPrograms: ["newuidmap"] }, /not installed: newuidmap/],
        ["few user ids", { subordinate: { uids: 1000, gids: 65_536 } }, /has 1000 and 65536/],
        ["few group ids", { subordinate: { uids: 65_536, gids: 0 } }, /has 65536 and 0/],
        ["no session", { cgroupManager: "cgroupfs" }, /no systemd session of user/],
        ["no delegation", { controllers: ["memory", "pids"] }, /to users: cpu, cpuset and io\./],
        ["an old kernel", { kernel: "5.10.0-32-amd64" }, /5\.11.*here it is 5\.10/],
        ["no modules", { unloadedModules: ["ip_tables"] }, /kernel's ip_tables, which only root/],
        ["no way out", { wayOut: "" }, /need slirp4netns or passt/],
    ] as const) {
        it(`must have more than ${what} when Podman is rootless, and only then`, () => {
            const [reason, ...more] = reasons(change);
            assert.match(reason ?? "", expected);
            assert.deepEqual(more, []);
            assert.deepEqual(reasons({ ...(change as Partial<PodmanFacts>), rootless: false }), []);
        });
    }

    for (const [what, change, expected] of [
        ["Podman 3", { version: "3.4.4" }, /Podman 4 or later/],
        ["Podman 6 on cgroup v1", { version: "6.0.0", cgroup: "v1" }, /does not run on cgroup v1/],
        ["CNI", { networkBackend: "cni" }, /made by cni here/],
        ["no name server", { hasNameServer: false }, /aardvark-dns, is missing/],
        ["no Podman", { failure: "podman is not on PATH" }, /fails here: podman is not on PATH/],
        ["few inotify instances", { inotify: { instances: 59, watches: 2 ** 20 } }, /about 60/],
    ] as const) {
        it(`must have more than ${what}, with root's Podman as well`, () => {
            const [reason, ...more] = reasons({
                ...(change as Partial<PodmanFacts>),
                rootless: false,
            });
            assert.match(reason ?? "", expected);
            assert.deepEqual(more, []);
        });
    }

    it("may have an old kernel with a program that mounts for users", () => {
        const storage = { driver: "overlay", mountProgram: "/usr/bin/fuse-overlayfs" };
        assert.deepEqual(reasons({ kernel: "5.10.0-32-amd64", storage }), []);
    });

    it("may have cgroup v1 for root's Podman up to 5", () => {
        assert.deepEqual(reasons({ rootless: false, cgroup: "v1", version: "5.4.2" }), []);
    });

    it("names everything at once, each with a command, and the cause before what follows from it", () => {
        const problems = podmanProblems(BARE, 4);
        assert.equal(problems.length, 9);
        for (const { key, fix } of problems) {
            assert.equal(key, "runtime");
            assert.match(fix, /sudo|machinectl/);
        }
        const failing = {
            ...BARE,
            networkBackend: undefined,
            failure: 'exec: "newuidmap" not found',
        };
        assert.ok(!podmanProblems(failing, 1).some(({ reason }) => reason.includes("podman info")));
    });

    it("warns of what works, but not well", () => {
        const warnings = podmanWarnings(BARE).join("\n");
        assert.match(warnings, /loginctl enable-linger user\n.*vfs.*\n.*max_user_watches is 8192/);
        assert.deepEqual(podmanWarnings({ ...ABLE, rootless: false, lingers: false }), []);
    });

    it("uses a range that no route shows, where slirp4netns leads out", () => {
        assert.deepEqual(
            podmanRanges(ABLE).map(({ cidr }) => cidr),
            ["10.0.2.0/24"],
        );
        assert.deepEqual(podmanRanges({ ...ABLE, wayOut: "pasta" }), []);
        assert.deepEqual(podmanRanges({ ...ABLE, rootless: false }), []);
    });

    it("has that range named where a stack takes it, and room for the stack of the suite `podman`", () => {
        const config = stackConfig(join(PROJECT, "tests/podman/Pulumi.podman.yaml"));
        const conflicts = (cidr: object) => {
            const owner = { project: "multinet", stack: "podman" };
            const networks = { "data-plane": { type: "ptp", ...cidr } };
            const result = validateConfig({ ...config, networks }, owner);
            assert.ok("topology" in result);
            return hostConflicts(result.topology, podmanRanges(ABLE));
        };
        const { "data-plane": own } = config["networks"] as Record<string, object>;
        assert.deepEqual(conflicts(own!), []);
        const [conflict] = conflicts({ cidr: "10.0.0.0/12" });
        assert.match(conflict!.users.join(), /the way out of rootless Podman/);
    });
});

describe("the facts of a machine with Podman", () => {
    const temporary = temporaryDirectory();
    const USER = { username: "user", uid: 1000 };
    const KERNEL = "6.1.0-50-amd64";

    const INFO: PodmanInfo = {
        host: {
            cgroupControllers: ["cpuset", "cpu", "io", "memory", "pids"],
            cgroupManager: "systemd",
            cgroupVersion: "v2",
            idMappings: { uidmap: [{ size: 1 }, { size: 65_536 }], gidmap: [{ size: 1 }] },
            kernel: KERNEL,
            networkBackend: "netavark",
            security: { rootless: true },
            slirp4netns: { executable: "/usr/bin/slirp4netns" },
        },
        store: { graphDriverName: "overlay", graphOptions: {} },
        version: { Version: "4.3.1" },
    };

    function machine(files: Record<string, string>): string {
        for (const [path, text] of Object.entries(files)) {
            mkdirSync(dirname(temporary(path)), { recursive: true });
            writeFileSync(temporary(path), text);
        }
        return temporary();
    }

    const DEBIAN = {
        "run/systemd/system/x": "",
        "var/lib/systemd/linger/user": "",
        "usr/lib/podman/aardvark-dns": "",
        "usr/lib/podman/newuidmap": "",
        "usr/lib/podman/newgidmap": "",
        [`lib/modules/${KERNEL}/modules.dep`]:
            "kernel/net/ipv4/netfilter/ip_tables.ko: kernel/net/netfilter/x_tables.ko\n" +
            "kernel/net/ipv4/netfilter/iptable_nat.ko.xz: kernel/net/ipv4/netfilter/ip_tables.ko\n",
        "proc/modules": "iptable_nat 16384 1 - Live 0x0\nip_tables 36864 1 iptable_nat, Live 0x0\n",
        "proc/sys/fs/inotify/max_user_instances": "512\n",
        "proc/sys/fs/inotify/max_user_watches": "524288\n",
    };

    it("are what Podman says, and what its files say", () => {
        const subordinate = { uids: 65_536, gids: 0 };
        const facts = factsOf(INFO, undefined, USER, machine(DEBIAN));
        assert.deepEqual(facts, { ...ABLE, failure: undefined, subordinate });
    });

    it("are known from files alone where Podman fails", () => {
        const root = machine({
            "etc/subuid": "other:100000:65536\nuser:165536:65536\n1000:300000:10\n",
            "etc/subgid": "",
            "run/systemd/system/x": "",
        });
        const facts = factsOf(undefined, "it is broken", USER, root);
        assert.deepEqual(facts.subordinate, { uids: 65_546, gids: 0 });
        assert.equal(facts.failure, "it is broken");
        assert.equal(facts.rootless, true);
        assert.equal(facts.lingers, false);
        assert.deepEqual(facts.missingIdPrograms, ["newuidmap", "newgidmap"]);
        assert.deepEqual(
            [facts.cgroup, facts.wayOut, facts.hasNameServer],
            [undefined, undefined, undefined],
        );
    });

    it("tell modules that could be loaded from those that the kernel does not have", () => {
        const unloaded = machine({ ...DEBIAN, "proc/modules": "nf_tables 1 0 - Live 0x0\n" });
        assert.deepEqual(factsOf(INFO, undefined, USER, unloaded).unloadedModules, [
            "ip_tables",
            "iptable_nat",
        ]);
        const without = machine({ [`lib/modules/${KERNEL}/modules.dep`]: "a/nf_tables.ko:\n" });
        assert.deepEqual(factsOf(INFO, undefined, USER, without).unloadedModules, []);
    });

    for (const [version, host, wayOut] of [
        ["4.3.1", {}, "slirp4netns"],
        ["5.4.2", { pasta: { executable: "/usr/bin/pasta" } }, "pasta"],
        ["5.4.2", { rootlessNetworkCmd: "slirp4netns" }, "slirp4netns"],
        ["5.4.2", { rootlessNetworkCmd: "pasta", pasta: { executable: "" } }, ""],
        ["4.9.3", { slirp4netns: { executable: "" } }, ""],
    ] as const) {
        it(`know the way out of Podman ${version} with ${JSON.stringify(host)}`, () => {
            const info = {
                ...INFO,
                host: { ...INFO.host, ...host },
                version: { Version: version },
            };
            assert.equal(factsOf(info, undefined, USER, temporary()).wayOut, wayOut);
        });
    }

    it("know the program that mounts, and Podman's own word on its name server", () => {
        const info: PodmanInfo = {
            ...INFO,
            host: {
                ...INFO.host,
                networkBackendInfo: { dns: { path: "/opt/aardvark-dns" } },
            },
            store: {
                graphDriverName: "overlay",
                graphOptions: {
                    "overlay.mount_program": { Executable: "/usr/bin/fuse-overlayfs" },
                },
            },
        };
        const facts = factsOf(info, undefined, USER, temporary());
        assert.equal(facts.storage?.mountProgram, "/usr/bin/fuse-overlayfs");
        assert.equal(facts.hasNameServer, true);
    });
});
