import assert from "node:assert/strict";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { recordFreeRanges, withSettings } from "../../../cli/state/freeRanges.ts";
import { stackConfig } from "../../../cli/state/stackFile.ts";
import type { State } from "../../../cli/state/stack.ts";
import { LABELS } from "../../../plan/labels.ts";
import hosts from "../../fixtures/hostRoutes.json" with { type: "json" };
import { PROJECT, STACKS } from "../../golden/golden.ts";
import { temporaryDirectory } from "../temporary.ts";

const DEV = readFileSync(join(PROJECT, "Pulumi.dev.yaml"), "utf8");

describe("free ranges for a new stack", () => {
    const at = temporaryDirectory();
    const { PATH, DOCKER_HOST } = process.env;
    let said: string[] = [];

    beforeEach(() => {
        said = [];
        process.env["PATH"] = at();
        delete process.env["DOCKER_HOST"];
    });
    afterEach(() => {
        process.env["PATH"] = PATH;
        if (DOCKER_HOST !== undefined) {
            process.env["DOCKER_HOST"] = DOCKER_HOST;
        }
    });

    function program(name: string, script: string): void {
        writeFileSync(at(name), `#!/bin/sh\n${script}\n`);
        chmodSync(at(name), 0o755);
    }

    /** A machine that has these routes and container networks. */
    function machine(
        routes: object[],
        networks: { name: string; subnet: string; own?: boolean }[],
    ) {
        const inspected = networks.map(({ name, subnet, own }) => ({
            Id: name,
            Name: name,
            Driver: "bridge",
            Labels: own ? { [LABELS.project]: "multinet", [LABELS.stack]: "dev" } : {},
            IPAM: { Config: [{ Subnet: subnet }] },
        }));
        writeFileSync(at("routes.json"), JSON.stringify(routes));
        writeFileSync(at("networks.json"), JSON.stringify(inspected));
        program("ip", `exec /bin/cat '${at("routes.json")}'`);
        program(
            "docker",
            `case "$2" in ls) echo ids ;; *) exec /bin/cat '${at("networks.json")}' ;; esac`,
        );
    }

    /** What the file of a stack without resources, or with these, says afterwards. */
    async function recorded(text = DEV, ...types: string[]): Promise<string> {
        const file = at("Pulumi.dev.yaml");
        writeFileSync(file, text);
        const resources = types.map((type) => ({ urn: "urn", type }));
        const state: State = { version: 3, deployment: { resources } };
        const stack = { name: "dev", place: undefined, state: async () => state };
        await recordFreeRanges(stack, file, (line) => said.push(line));
        return readFileSync(file, "utf8");
    }

    const NAT = hosts["VM behind VirtualBox's NAT"];
    const DOCKER0 = { name: "bridge", subnet: "172.17.0.0/16" };

    /** By host: what is recorded besides what the stack file states. */
    const EXPECTED: Record<keyof typeof hosts, object> = {
        "OpenVPN, full tunnel": dataPlane("10.32.0.0/11"),
        "corporate VPN, split tunnel": carriers("100.112.0.0/22"),
        "WireGuard, full tunnel": {},
        "WireGuard, split tunnel": carriers("192.168.4.0/22"),
        "WireGuard, all but the LAN": {},
        "Tailscale with a subnet router": dataPlane("10.32.0.0/11"),
        "VM behind VirtualBox's NAT": dataPlane("10.32.0.0/11"),
        "GitHub runner": dataPlane("10.32.0.0/11"),
        "home router with 10.0.0.0/24": dataPlane("10.32.0.0/11"),
        "Docker with many networks": dataPlane("10.32.0.0/11"),
        "office with a route to 10.0.0.0/8": carriers("192.168.0.0/22"),
        "two uplinks": dataPlane("10.32.0.0/11"),
    };

    function dataPlane(cidr: string) {
        return { networks: { "data-plane": { type: "ptp", cidr } } };
    }

    function carriers(subnet: string) {
        return {
            ...dataPlane("100.64.0.0/12"),
            bridge: { subnet },
            addresses: { pods: "100.80.0.0/12", services: "100.96.0.0/12" },
        };
    }

    for (const [host, routes] of Object.entries(hosts)) {
        it(`are recorded as they are needed: ${host}`, async () => {
            machine(routes, [DOCKER0]);
            await recorded();
            const { clusters, ...config } = stackConfig(at("Pulumi.dev.yaml"));
            assert.deepEqual(clusters, { edge1: {}, edge2: {} });
            const expected = EXPECTED[host as keyof typeof hosts];
            assert.deepEqual(config, { networks: { "data-plane": { type: "ptp" } }, ...expected });
        });
    }

    it("are written where they belong, and said, and nothing else in the file changes", async () => {
        machine(NAT, [DOCKER0]);
        const text = DEV.replace("{ type: ptp }", "{ type: ptp } # the one");
        assert.equal(
            await recorded(text),
            text.replace("{ type: ptp }", "{ type: ptp, cidr: 10.32.0.0/11 }"),
        );
        assert.deepEqual(said, [
            '10.0.0.0/10 (network "data-plane") overlaps with what this machine uses: 10.0.2.0/24 ' +
                "(a route of this machine through eth0). " +
                "Recorded networks.data-plane.cidr: 10.32.0.0/11 in Pulumi.dev.yaml",
        ]);
        const stated = readFileSync(at("Pulumi.dev.yaml"), "utf8");
        assert.equal(await recorded(stated), stated);
        assert.equal(said.length, 1);
    });

    const UNTOUCHED: [what: string, text: string, own: boolean, types: string[]][] = [
        ["of a stack that has resources", DEV, false, ["multinet:index:ContainerEngine"]],
        ["of a stack whose network is there", DEV, true, []],
        ["that are stated", DEV.replace("ptp", "ptp, cidr: 10.0.0.0/12"), false, []],
        ["of a configuration with problems", `${DEV}    multinet:runtime: vm\n`, false, []],
    ];
    for (const [what, text, own, types] of UNTOUCHED) {
        it(`take the place of none ${what}`, async () => {
            machine(NAT, [DOCKER0, ...(own ? [{ name: "x", subnet: "10.200.0.0/22", own }] : [])]);
            assert.equal(await recorded(text, ...types), text);
            assert.deepEqual(said, []);
        });
    }

    it("are recorded for a stack that has nothing but itself in its state", async () => {
        machine(NAT, [DOCKER0]);
        const types = ["pulumi:pulumi:Stack", "pulumi:providers:docker"];
        assert.match(await recorded(DEV, ...types), /cidr: 10\.32\.0\.0\/11/);
    });

    it("avoid container networks", async () => {
        machine(
            [],
            [
                { name: "lab", subnet: "10.3.0.0/16" },
                { name: "lab2", subnet: "10.32.0.0/16" },
            ],
        );
        assert.match(await recorded(), /cidr: 10\.16\.0\.0\/12/);
        assert.match(said.join(), /10\.3\.0\.0\/16 \(the container network "lab"\)/);
    });

    it("avoid the routes of the kernel's main table where `ip` lists none", async () => {
        machine([], [{ name: "lab", subnet: "10.3.0.0/16" }]);
        program("ip", "echo 'Option \"-json\" is unknown' >&2; exit 255");
        assert.match(await recorded(), /cidr: /);
    });
});

describe("a setting in a stack file", () => {
    const set = (config: string, path: string[], value: string) => {
        const text = `# first\nconfig:\n${config}`;
        const [section = ""] = path;
        const before = { data: "x" };
        return withSettings(text, [[path, value]], { [section]: before });
    };

    it("is all that changes, but for blanks in brackets", () => {
        for (const stack of STACKS.filter((one) => one !== "every")) {
            const text = readFileSync(join(PROJECT, `Pulumi.${stack}.yaml`), "utf8");
            const after = withSettings(text, [], {}).replaceAll(/\[ (.*?) \]/g, "[$1]");
            assert.equal(after, text);
        }
    });

    it("keeps the file's indentation", () => {
        assert.equal(
            set("  multinet:bridge:\n    data: y\n", ["bridge", "subnet"], "10.3.0.0/22"),
            "# first\nconfig:\n  multinet:bridge:\n    data: y\n    subnet: 10.3.0.0/22\n",
        );
    });

    it("makes the sections that are missing, empty or JSON text", () => {
        const sections: [string, object][] = [
            ["    a:b: c\n", { data: "x" }],
            ["    multinet:addresses:\n", { data: "x" }],
            ['    multinet:addresses: \'{"data":"x"}\'\n', { data: "x" }],
        ];
        for (const [config, expected] of sections) {
            const text = set(config, ["addresses", "pods"], "100.64.0.0/12");
            const { addresses } = read(text);
            assert.deepEqual(addresses, { ...expected, pods: "100.64.0.0/12" }, text);
        }
    });
});

function read(text: string): Record<string, unknown> {
    const { config } = parse(text) as { config: Record<string, unknown> };
    return Object.fromEntries(
        Object.entries(config).map(([key, value]) => [key.replace("multinet:", ""), value]),
    );
}
