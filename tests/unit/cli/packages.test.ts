import assert from "node:assert/strict";
import {
    chmodSync,
    existsSync,
    mkdirSync,
    readFileSync,
    symlinkSync,
    writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import { once } from "node:events";
import { Cache } from "../../../system/cache.ts";
import { newPackages, Packages, removedPackages } from "../../../cli/setup/packages.ts";
import { engineInUse, installPackages } from "../../../cli/setup/systemPackages.ts";
import { temporaryDirectory } from "../temporary.ts";

/**
 * A Debian of plain files: `installed/NAME` holds a version, `needs/NAME` the packages that must go before it. An
 * installation fails while there is a file `broken`.
 */
const APT_GET = `#!/bin/bash
cd "$(dirname "$0")" || exit 1
echo "$*" >>calls
simulate=
for word; do
    shift
    case $word in
        --simulate) simulate=1 ;;
        -o | -*) ;;
        *=*) ;;
        *) words+=("$word") ;;
    esac
done
set -- "\${words[@]}"
verb=$1
shift
case $verb in
    install)
        for name; do
            if [[ $simulate ]]; then
                [[ -e installed/$name ]] || echo "Inst $name (1 Debian [amd64])"
            else
                [[ -e broken ]] && exit 100
                [[ -e installed/$name ]] || echo 1 >"installed/$name"
            fi
        done ;;
    remove)
        for name; do
            for one in "$name" $(cat "needs/$name" 2>/dev/null); do
                [[ -e installed/$one ]] && echo "Remv $one [1]"
                [[ $simulate ]] || rm -f "installed/$one"
            done
        done ;;
esac
true
`;

const DPKG_QUERY = `#!/bin/bash
cd "$(dirname "$0")" && [[ -e installed/\${!#} ]] && printf 'installed %s' "$(cat "installed/\${!#}")"
`;

describe("Debian packages", () => {
    const temporary = temporaryDirectory();
    const path = process.env["PATH"];
    let packages: Packages;

    beforeEach(() => {
        for (const folder of ["installed", "needs"]) {
            mkdirSync(temporary(folder));
        }
        for (const [name, script] of [
            ["apt-get", APT_GET],
            ["dpkg-query", DPKG_QUERY],
        ] as const) {
            writeFileSync(temporary(name), script);
            chmodSync(temporary(name), 0o755);
        }
        process.env["PATH"] = `${temporary()}:${path}`;
        packages = new Packages(new Cache(temporary("cache")));
    });
    afterEach(() => {
        // Whatever else happens, nothing is ever purged.
        const calls = existsSync(temporary("calls"))
            ? readFileSync(temporary("calls"), "utf8")
            : "";
        process.env["PATH"] = path;
        assert.doesNotMatch(calls, /purge|autoremove/);
    });

    const unused = () => undefined;
    const install = (name: string, version: string) =>
        writeFileSync(temporary("installed", name), version);
    const has = (name: string) => existsSync(temporary("installed", name));

    it("are removed again, and no others", async () => {
        install("jq", "1");
        await packages.install(["jq", "socat"]);
        await packages.install(["debootstrap"]);
        const { removed, kept } = await packages.remove(unused);
        assert.deepEqual([removed.sort(), [...kept]], [["debootstrap", "socat"], []]);
        assert.deepEqual([has("jq"), has("socat"), has("debootstrap")], [true, false, false]);
    });

    describe("with the docker client", () => {
        /** No program but the fakes and what they use; `offered` are the packages that apt knows. */
        const machine = (...offered: string[]) => {
            for (const program of ["cat", "dirname", "rm"]) {
                symlinkSync(`/usr/bin/${program}`, temporary(program));
            }
            const script = `#!/bin/bash\ncase " ${offered.join(" ")} " in *" $2 "*) echo "Package: $2" ;; *) exit 100 ;; esac\n`;
            writeFileSync(temporary("apt-cache"), script, { mode: 0o755 });
            process.env["PATH"] = temporary();
        };
        const cache = () => new Cache(temporary("cache"));

        it("take the package of the client alone, where there is one", async () => {
            machine("docker-cli", "docker.io");
            await installPackages(["jq", "docker-cli"], cache());
            assert.deepEqual([has("jq"), has("docker-cli"), has("docker.io")], [true, true, false]);
        });

        it("take it from the engine's package elsewhere", async () => {
            machine("docker.io");
            await installPackages(["docker-cli"], cache());
            assert.deepEqual([has("docker-cli"), has("docker.io")], [false, true]);
        });

        it("do without where the engine's package has brought it", async () => {
            machine("docker-cli");
            writeFileSync(temporary("docker"), "", { mode: 0o755 });
            await installPackages(["docker.io", "docker-cli"], cache());
            assert.deepEqual([has("docker-cli"), has("docker.io")], [false, true]);
        });
    });

    it("are the user's when the installation here failed", async () => {
        writeFileSync(temporary("broken"), "");
        await assert.rejects(packages.install(["docker.io"]));
        install("docker.io", "1");
        assert.deepEqual((await packages.remove(unused)).removed, []);
        assert.ok(has("docker.io"));
    });

    it("are the user's when another version of them was installed since", async () => {
        await packages.install(["docker.io"]);
        install("docker.io", "2");
        const { removed, kept } = await packages.remove(unused);
        assert.deepEqual(removed, []);
        assert.deepEqual([...kept.values()], [["docker.io"]]);
    });

    it("stay when an earlier version of this program recorded them, before they were installed", async () => {
        writeFileSync(temporary("cache", "packages.json"), '["docker.io", "tini"]');
        install("docker.io", "1");
        const { removed, kept } = await packages.remove(unused);
        assert.deepEqual([removed, [...kept.values()]], [[], [["docker.io"]]]);
    });

    it("stay when something else would go with them, each by itself", async () => {
        await packages.install(["iptables", "runc", "tini"]);
        install("firewall", "1");
        writeFileSync(temporary("needs", "iptables"), "firewall");
        const { removed, kept } = await packages.remove(unused);
        assert.deepEqual(removed, ["runc", "tini"]);
        assert.deepEqual([...kept], [["other packages need them", ["iptables"]]]);
        assert.ok(has("firewall"));
    });

    it("stay, and keep what they need, while they are in use", async () => {
        await packages.install(["docker.io", "iptables", "debootstrap"]);
        writeFileSync(temporary("needs", "iptables"), "docker.io");
        const inUse = (name: string) => (name === "docker.io" ? "it runs" : undefined);
        const { removed, kept } = await packages.remove(inUse);
        assert.deepEqual(removed, ["debootstrap"]);
        assert.deepEqual([...kept.keys()], ["it runs", "other packages need them"]);
    });

    it("are nobody's when the record cannot be read", async () => {
        await packages.install(["tini"]);
        for (const text of ["{}", "[null, 5]", "null"]) {
            writeFileSync(temporary("cache", "packages.json"), text);
            assert.deepEqual((await packages.remove(unused)).removed, []);
        }
        writeFileSync(temporary("cache", "packages.json"), '[{"name": "ti');
        const silent = console.error;
        const said: unknown[] = [];
        console.error = (line: unknown) => said.push(line);
        try {
            assert.deepEqual((await packages.remove(unused)).removed, []);
        } finally {
            console.error = silent;
        }
        assert.match(String(said), /Ignored .*packages\.json, which cannot be read/);
    });

    it("are told from upgrades in what apt would do", () => {
        const plan =
            "Inst libc6 [2.36-9] (2.36-9+deb12u1 Debian)\nInst docker.io (20.10 Debian [amd64]) []\nConf docker.io (20.10)\n";
        assert.deepEqual(newPackages(plan), ["docker.io"]);
        assert.deepEqual(removedPackages("Purg docker.io [20.10]\nRemv tini [0.19]\n"), [
            "docker.io",
            "tini",
        ]);
    });
});

describe("packages of a container engine", () => {
    const temporary = temporaryDirectory();
    const socket = () => `unix://${temporary("docker.sock")}`;

    it("stay while the machine's own engine answers, or has data", async () => {
        const inUse = () => engineInUse(socket(), [temporary("data")]);
        assert.equal((await inUse())("docker.io"), undefined);
        mkdirSync(temporary("data"));
        writeFileSync(temporary("data", "nuke-graph-directory.sh"), ""); // left by the package itself
        assert.equal((await inUse())("docker.io"), undefined);
        mkdirSync(temporary("data", "volumes"));
        assert.match((await inUse())("containerd")!, /has data in/);
        assert.equal((await inUse())("debootstrap"), undefined);
        const server = createServer((_, response) => response.end("OK"));
        await once(server.listen(temporary("docker.sock")), "listening");
        try {
            assert.match((await inUse())("runc")!, /the container engine at .* runs with them/);
        } finally {
            server.close();
        }
    });
});
