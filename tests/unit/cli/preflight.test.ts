import assert from "node:assert/strict";
import { problems, type Machine, type Requirements } from "../../../cli/setup/preflight.ts";
import { hosts } from "./recordedHosts.ts";

describe("check before the start", () => {
    const machine: Machine = {
        host: { platform: "linux", arch: "x64", release: 'NAME="Debian GNU/Linux"\nID=debian\n' },
        user: "anna",
        root: true,
        podman: undefined,
        disk: 100,
        memory: 16,
        go: "1.26.8",
    };
    /** All is built, on a machine that has nothing. */
    const everything: Requirements = {
        cache: "/c",
        build: true,
        packages: ["docker.io", "debootstrap"],
        startEngine: true,
        nodeImage: true,
        disk: 28,
        memory: 6,
    };
    /** All is downloaded, and an engine answers. */
    const downloads = {
        ...everything,
        build: false,
        packages: [],
        startEngine: false,
        nodeImage: false,
    };
    const on = (name: keyof typeof hosts, changes: Partial<Machine> = {}) => ({
        ...machine,
        host: hosts[name].host,
        root: false,
        go: undefined,
        ...changes,
    });

    it("has nothing against a machine that has it all", () => {
        assert.deepEqual(problems(everything, machine), []);
        const pop = { ...machine.host, release: 'ID=pop\nID_LIKE="ubuntu debian"\n' };
        assert.deepEqual(problems(everything, { ...machine, host: pop }), []);
        assert.deepEqual(problems(everything, { ...machine, go: "1.24" }), []);
    });

    it("names everything that is missing at once", () => {
        const found = problems(everything, {
            ...machine,
            root: false,
            disk: 3.14,
            memory: 1,
            go: undefined,
        });
        assert.equal(found.length, 4);
        assert.match(
            found.join("\n"),
            /Root is needed to install Debian packages \(docker\.io, debootstrap\), start a container engine, as none answers and make the node image\..*28 GiB of disk space are needed in \/c, 3\.1 GiB are free/s,
        );
    });

    for (const name of Object.keys(hosts) as (keyof typeof hosts)[]) {
        it(`asks for nothing where an engine answers and all is downloaded: ${name}`, () => {
            assert.deepEqual(problems(downloads, on(name, { memory: undefined })), []);
        });
    }

    it("tells an old Go from none", () => {
        assert.match(
            problems(everything, { ...machine, go: "1.23.4" })[0]!,
            /^Go 1\.23\.4 is too old/,
        );
        assert.match(
            problems(everything, { ...machine, go: undefined })[0]!,
            /^Go is not installed/,
        );
    });

    it("builds on Linux on amd64 only", () => {
        for (const name of ["arm64 Linux", "Mac with Colima"] as const) {
            const found = problems({ ...downloads, build: true }, on(name));
            assert.match(
                found.join("\n"),
                /^This is (linux|darwin) on arm64, and something must be built/,
            );
        }
    });

    it("sends a user without root to an engine of the machine, not to sudo, where none answers", () => {
        const request = { ...downloads, startEngine: true, packages: ["docker.io"] };
        const [problem, ...rest] = problems(request, on("Ubuntu, user in group docker"));
        assert.match(
            problem!,
            /^No container engine answers\. Install one.*usermod -aG docker anna/,
        );
        assert.deepEqual(rest, []);
    });

    it("says what to install, and that it does not take root, where just packages are missing", () => {
        const request = { ...downloads, packages: ["docker-cli"] };
        const [problem] = problems(request, on("Ubuntu, user in group docker"));
        assert.match(
            problem!,
            /again, without sudo: sudo apt-get install --no-install-recommends docker-cli \(docker\.io, where/,
        );
        for (const name of ["Fedora with rootless Podman", "NixOS without an engine"] as const) {
            assert.match(
                problems(request, on(name))[0]!,
                /docker-cli\. multinet installs packages on Debian/,
            );
        }
        assert.match(
            problems(request, on("Mac with Colima"))[0]!,
            /docker-cli: brew install docker/,
        );
    });

    it("names engines to install where there is none of ours", () => {
        const request = { ...downloads, startEngine: true, packages: ["docker.io", "runc"] };
        assert.match(
            problems(request, on("Mac without an engine"))[0]!,
            /Docker Desktop, Colima or OrbStack/,
        );
        const [problem, ...rest] = problems(request, on("NixOS without an engine", { root: true }));
        assert.match(problem!, /No container engine answers.*docs\.docker\.com/);
        assert.deepEqual(rest, []);
        const podman = "rootless Podman at /run/user/1000/podman/podman.sock";
        assert.match(
            problems(request, on("Fedora with rootless Podman", { podman }))[0]!,
            /There is rootless Podman at .*: to use it, write runtime: podman/,
        );
    });

    it("starts an engine on any Linux that has the programs", () => {
        const request = { ...downloads, startEngine: true };
        assert.deepEqual(problems(request, on("NixOS without an engine", { root: true })), []);
    });

    it("asks for memory where that is known", () => {
        const found = problems(downloads, on("Mac with Colima", { memory: 2 }));
        assert.match(
            found.join(),
            /^6 GiB of memory are needed, 2\.0 GiB are there.*virtual machine/,
        );
    });
});
