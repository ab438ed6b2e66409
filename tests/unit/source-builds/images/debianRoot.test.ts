import assert from "node:assert/strict";
import { DebianRoot } from "../../../../source-builds/images/debianRoot.ts";
import { Layer } from "../../../../source-builds/images/layer.ts";
import { elfFile } from "./elfFile.ts";
import { Workspace } from "./workspace.ts";

const LIBRARIES = "usr/lib/x86_64-linux-gnu";

describe("DebianRoot", () => {
    const root = new Workspace();
    const debian = new DebianRoot(root.path);

    before(() => {
        for (const name of ["bin", "sbin", "lib", "lib64"]) {
            root.link(name, `usr/${name}`);
        }
        root.file(`${LIBRARIES}/ld-2.so`, elfFile({}));
        root.link("usr/lib64/ld.so", "/lib/x86_64-linux-gnu/ld-2.so");
        root.file(`${LIBRARIES}/liba.so.1.5`, elfFile({ needed: ["libp.so"], runpath: "/opt" }));
        root.link(`${LIBRARIES}/liba.so.1`, "liba.so.1.5");
        root.file("opt/libp.so", elfFile({}));
        const program = { interpreter: "/lib64/ld.so", needed: ["liba.so.1"] };
        root.file("usr/bin/nc.openbsd", elfFile(program), 0o755);
        root.file("usr/bin/lost", elfFile({ needed: ["libnowhere.so"] }), 0o755);
        root.file("usr/sbin/script", "#!/bin/sh", 0o755);
        root.link("etc/alternatives/nc", "/bin/nc.openbsd");
        root.link("usr/bin/nc", "/etc/alternatives/nc");
        root.link("etc/alternatives/other", "/usr/bin/other.real");
        root.link("usr/bin/other", "/etc/alternatives/other");
        root.link("usr/bin/loop", "loop");
        const list = "/.\n/bin\n/bin/nc.openbsd\n/usr/sbin/script\n/usr/share/doc/netcat\n";
        root.file("var/lib/dpkg/info/netcat:amd64.list", list);
    });

    it("takes a program with its loader, its libraries and all links on the way", () => {
        const layer = new Layer();
        debian.pick(layer, ["/bin/nc.openbsd"]);
        const files = layer.sorted().filter(([, { kind }]) => kind !== "directory");
        assert.deepEqual(
            files.map(([path, entry]) => (entry.kind === "link" ? [path, entry.target] : [path])),
            [
                ["bin", "usr/bin"],
                ["lib", "usr/lib"],
                ["lib64", "usr/lib64"],
                ["opt/libp.so"],
                ["usr/bin/nc.openbsd"],
                ["usr/lib/x86_64-linux-gnu/ld-2.so"],
                ["usr/lib/x86_64-linux-gnu/liba.so.1", "liba.so.1.5"],
                ["usr/lib/x86_64-linux-gnu/liba.so.1.5"],
                ["usr/lib64/ld.so", "/lib/x86_64-linux-gnu/ld-2.so"],
            ],
        );
    });

    it("takes the libraries that the plugins of a directory load", () => {
        root.file(`${LIBRARIES}/xtables/libxt_math.so`, elfFile({ needed: ["liba.so.1"] }));
        const layer = new Layer();
        debian.pickTree(layer, "/lib/x86_64-linux-gnu/xtables");
        for (const name of ["xtables/libxt_math.so", "liba.so.1", "liba.so.1.5"]) {
            assert.ok(layer.has(`/${LIBRARIES}/${name}`), name);
        }
    });

    it("takes the programs of a package and the alternatives that name them", () => {
        const layer = new Layer();
        debian.pickPackages(layer, ["netcat"]);
        for (const path of ["usr/sbin/script", "usr/bin/nc", "etc/alternatives/nc"]) {
            assert.ok(layer.has(path), path);
        }
        assert.ok(!layer.has("usr/bin/other"));
        assert.ok(!layer.has("usr/share/doc/netcat"));
    });

    const faults: [string, () => void, RegExp][] = [
        [
            "a file",
            () => debian.pick(new Layer(), ["/bin/no"]),
            /\/bin\/no is not a file .* package/,
        ],
        ["a library", () => debian.pick(new Layer(), ["/bin/lost"]), /lost loads libnowhere\.so/],
        [
            "a package",
            () => debian.pickPackages(new Layer(), ["no"]),
            /package no is not installed/,
        ],
        ["an end", () => debian.pick(new Layer(), ["/bin/loop"]), /loop: too many symbolic links/],
    ];
    for (const [what, pick, message] of faults) {
        it(`says when ${what} is missing`, () => assert.throws(pick, message));
    }
});
