import assert from "node:assert/strict";
import { enginePlaces, type EngineFacts } from "../../../cli/setup/engineAddress.ts";
import {
    addressProblem,
    engineProblems,
    isInVirtualMachine,
} from "../../../cli/setup/engineProblems.ts";
import { findEngine } from "../../../cli/setup/findEngine.ts";
import type { Answer } from "../../../system/dockerApi.ts";
import { context, hosts, type RecordedHost } from "./recordedHosts.ts";

const OWN = "unix:///run/multinet-01234567/docker.sock";

/** Our own engine, which runs or does not. */
const own = (runs = false) => ({
    ownHost: OWN,
    running: () => (runs ? 1 : undefined),
    untilItAnswers: () => Promise.resolve(OWN),
});

const find = (
    { facts, engines }: RecordedHost,
    runtime: "docker" | "podman" = "docker",
    runs = false,
) =>
    findEngine(own(runs), runtime, facts, {
        ask: (address) => Promise.resolve(engines[address]?.answer ?? "absent"),
        info: (address) => Promise.resolve(engines[address]?.info),
    });

/** A recorded machine with something changed. */
const changed = (
    recorded: RecordedHost,
    facts: Partial<EngineFacts>,
    answers: Record<string, Answer> = {},
) => {
    const added = Object.entries(answers).map(
        ([address, answer]) => [address, { answer }] as const,
    );
    const engines = { ...recorded.engines, ...Object.fromEntries(added) };
    const exists = (path: string) => `unix://${path}` in engines;
    return { ...recorded, engines, facts: { ...recorded.facts, exists, ...facts } };
};

describe("search for a container engine", () => {
    const addresses: [keyof typeof hosts, "docker" | "podman", string | undefined][] = [
        ["Mac with Docker Desktop", "docker", "unix:///Users/anna/.docker/run/docker.sock"],
        ["Mac with Colima", "docker", "unix:///Users/anna/.colima/default/docker.sock"],
        ["Mac without an engine", "docker", undefined],
        ["Ubuntu, user in group docker", "docker", "unix:///var/run/docker.sock"],
        ["Ubuntu with rootless Docker", "docker", "unix:///run/user/1000/docker.sock"],
        ["Fedora with rootless Podman", "podman", "unix:///run/user/1000/podman/podman.sock"],
        ["Fedora with rootless Podman", "docker", undefined],
        ["WSL2 with Docker Desktop", "docker", "unix:///var/run/docker.sock"],
        ["arm64 Linux", "docker", "unix:///var/run/docker.sock"],
        ["NixOS without an engine", "docker", undefined],
    ];
    for (const [name, runtime, address] of addresses) {
        it(`finds ${address ?? "none"} on: ${name}, runtime ${runtime}`, async () => {
            assert.equal((await find(hosts[name], runtime))?.address, address);
        });
    }

    it("tells no permission from no engine, and never says to use sudo for multinet", async () => {
        await assert.rejects(find(hosts["Ubuntu, user without permission"]), {
            message:
                "A container engine runs (Docker at /var/run/docker.sock), but you may not use it. Add yourself to the " +
                "group docker, and log in anew: sudo usermod -aG docker anna",
        });
        await assert.rejects(
            find(hosts["Ubuntu, user in group docker since the login"]),
            /You are in the group docker, but were not yet when you logged in: log in anew/,
        );
    });

    it("takes an engine of the user's where that of the machine is denied", async () => {
        const { facts, ...rest } = hosts["Ubuntu with rootless Docker"];
        const found = await find({ ...rest, facts: { ...facts, read: () => undefined } });
        assert.equal(found?.address, "unix:///run/user/1000/docker.sock");
    });

    it("takes what the user has chosen, and nothing in its place", async () => {
        const machine = hosts["Ubuntu, user in group docker"];
        const rootless = context("/home/anna/.docker", "rootless", "unix:///r.sock");
        const read = (file: string) => rootless[file];
        const choices: [Partial<EngineFacts>, string][] = [
            [{ env: { DOCKER_HOST: "unix:///chosen.sock" }, read }, "unix:///chosen.sock"],
            [{ env: { DOCKER_CONTEXT: "rootless" }, read }, "unix:///r.sock"],
            [{ read }, "unix:///r.sock"],
        ];
        for (const [facts, address] of choices) {
            const there = changed(machine, facts, { [address]: "answers" });
            assert.equal((await find(there))?.address, address);
            await assert.rejects(find(changed(machine, facts)), /No container engine answers at/);
        }
        const none = changed(machine, { env: { DOCKER_CONTEXT: "gone" } });
        await assert.rejects(
            find(none),
            /There is no docker context "gone", which DOCKER_CONTEXT names/,
        );
        const standard = changed(machine, { env: { DOCKER_CONTEXT: "default" }, read });
        assert.equal((await find(standard))?.address, "unix:///var/run/docker.sock");
    });

    it("reads contexts where DOCKER_CONFIG says", async () => {
        const files = context("/etc/mine", "lab", "unix:///lab.sock");
        const facts = { env: { DOCKER_CONFIG: "/etc/mine" }, read: (file: string) => files[file] };
        const machine = changed(hosts["Ubuntu, user in group docker"], facts, {
            "unix:///lab.sock": "answers",
        });
        assert.equal((await find(machine))?.source, 'the docker context "lab" (unix:///lab.sock)');
    });

    it("takes a damaged configuration of docker for none", async () => {
        for (const text of ["", "{", "[]", "null", '{"currentContext":3}']) {
            const machine = changed(hosts["Ubuntu, user in group docker"], { read: () => text });
            assert.equal((await find(machine))?.address, "unix:///var/run/docker.sock", text);
        }
    });

    it("stays with our own engine while that runs, unless the user has chosen another one", async () => {
        const machine = hosts["Ubuntu, user in group docker"];
        assert.equal((await find(machine, "docker", true))?.address, OWN);
        const chosen = changed(machine, { env: { DOCKER_HOST: "unix:///var/run/docker.sock" } });
        assert.equal((await find(chosen, "docker", true))?.address, "unix:///var/run/docker.sock");
        // Its own address in DOCKER_HOST is no such choice.
        const ours = changed(machine, { env: { DOCKER_HOST: OWN } });
        assert.equal((await find(ours))?.address, "unix:///var/run/docker.sock");
    });

    it("never ends at our own engine for Podman, but says how to start Podman's", async () => {
        const fedora = hosts["Fedora with rootless Podman"];
        const stopped = { ...fedora, engines: {} };
        await assert.rejects(
            find(stopped, "podman", true),
            /Podman's socket does not answer.*systemctl --user enable --now podman\.socket/,
        );
        await assert.rejects(
            find(hosts["Mac without an engine"], "podman"),
            /podman machine start/,
        );
        // kind shows a user no containers of root's, and the other way round.
        const rootful = changed(
            fedora,
            { uid: 0 },
            { "unix:///run/podman/podman.sock": "answers" },
        );
        assert.equal((await find(rootful, "podman"))?.address, "unix:///run/podman/podman.sock");
    });

    it("waits for one that says nothing, and then names it", async () => {
        const machine = changed(
            hosts["Mac with Colima"],
            {},
            {
                "unix:///Users/anna/.colima/default/docker.sock": "silent",
            },
        );
        await assert.rejects(find(machine), /does not answer \(Colima at .*\), for 60 s now/);
    });
});

describe("engine that cannot be used", () => {
    const { facts } = hosts["Ubuntu, user in group docker"];
    const place = (address: string) => ({
        address,
        source: `DOCKER_HOST=${address}`,
        chosen: true,
    });

    it("is on another machine, as far as its address tells", () => {
        for (const address of [
            "unix:///x.sock",
            "tcp://127.0.0.1:2375",
            "tcp://[::1]:2375",
            "tcp://localhost:2375",
            "ssh://anna@lab",
            "tcp://192.168.1.20:2376",
        ]) {
            assert.equal(addressProblem(place(address), facts), undefined, address);
        }
        for (const address of [
            "tcp://10.0.0.5:2376",
            "ssh://anna@big.example",
            "tcp://127.evil.example:1",
        ]) {
            assert.match(
                addressProblem(place(address), facts)!,
                /on another machine.*127\.0\.0\.1 of the engine's/,
            );
        }
        for (const address of ["npipe:////./pipe/docker_engine", "nonsense", ""]) {
            assert.match(
                addressProblem(place(address), facts)!,
                /is no address of a container engine/,
            );
        }
    });

    it("is refused before it is asked", async () => {
        const machine = changed(hosts["Ubuntu, user in group docker"], {
            env: { DOCKER_HOST: "ssh://anna@big" },
        });
        await assert.rejects(
            find(machine),
            /DOCKER_HOST=ssh:\/\/anna@big is a container engine on another machine/,
        );
    });

    const judge = async (
        recorded: RecordedHost,
        folders = ["/home/anna/lab/.multinet", "/home/anna/.cache/multinet"],
    ) => {
        const found = (await find(recorded))!;
        return engineProblems(found.info!, found, recorded.kernel, folders, recorded.facts.home);
    };

    for (const name of ["dev container with the socket of its host", "Docker in Docker"] as const) {
        it(`is in another network namespace: ${name}`, async () => {
            const { kernel } = hosts[name];
            const [problem, ...rest] = await judge(hosts[name]);
            assert.match(
                problem!,
                new RegExp(`another network namespace.*this one ${kernel.hostname}`),
            );
            assert.deepEqual(rest, []);
        });
    }

    it("is Docker as a snap, if it could not mount our folders", async () => {
        const snap = hosts["Ubuntu with Docker as a snap"];
        const [problem] = await judge(snap);
        assert.match(
            problem!,
            /as a snap.*: \/home\/anna\/\.cache\/multinet\. Install Docker as a package/,
        );
        assert.match(
            (await judge(snap, ["/srv/lab/.multinet"]))[0]!,
            /: \/srv\/lab\/\.multinet\. /,
        );
        assert.deepEqual(await judge(snap, ["/home/anna/lab/.multinet", "/home/anna/cache"]), []);
    });

    it("is none of the others", async () => {
        const names = Object.keys(hosts) as (keyof typeof hosts)[];
        const usable = names.filter(
            (name) =>
                !/dev container|Docker in Docker|snap|permission|since|without|Podman/.test(name),
        );
        assert.equal(usable.length, 6);
        for (const name of usable) {
            assert.deepEqual(await judge(hosts[name]), [], name);
        }
    });

    it("is seen to have a kernel of its own, or not", async () => {
        const inVirtualMachine = async (name: keyof typeof hosts) =>
            isInVirtualMachine((await find(hosts[name]))!.info!, hosts[name].kernel);
        assert.equal(await inVirtualMachine("Mac with Colima"), true);
        assert.equal(await inVirtualMachine("Ubuntu, user in group docker"), false);
        const { info } =
            hosts["Ubuntu, user in group docker"].engines["unix:///var/run/docker.sock"]!;
        const candidate = { ...info!, KernelVersion: "6.11.0-rc1" };
        assert.equal(
            isInVirtualMachine(candidate, { release: "6.11-rc1", hostname: "lab" }),
            false,
        );
        assert.equal(
            isInVirtualMachine(candidate, { release: "6.11.1-rc1", hostname: "lab" }),
            true,
        );
    });

    it("has its place in one list only", () => {
        for (const { facts } of Object.values(hosts)) {
            const places = enginePlaces(facts, "docker").map(({ address }) => address);
            assert.equal(new Set(places).size, places.length);
        }
    });
});
