import assert from "node:assert/strict";
import type { RawConfig } from "../../../plan/config/parsedConfig.ts";
import {
    kernelProblems,
    madeImagesProblems,
    optionsOf,
    pluginProblems,
} from "../../../plan/rules/hostRequirements.ts";
import { planTopology } from "../../../plan/planTopology.ts";
import { validateConfig } from "../../../plan/config/validate.ts";

const OWNER = { project: "multinet", stack: "dev" };

function planOf(config: RawConfig) {
    const result = validateConfig(config, OWNER);
    assert.ok("topology" in result, JSON.stringify(result));
    return planTopology(result.topology, OWNER);
}

const encryption = { enabled: true, type: "wireguard" };

describe("what the kernel lacks", () => {
    const plan = planOf({
        clusters: {
            e1: { primary: "calico", calico: { encapsulation: "IPIP" } },
            e2: { primary: "calico", calico: { wireguard: true } },
            e3: { primary: "cilium", cilium: { values: { encryption } } },
            e4: {},
        },
        networks: {
            cilium: {
                type: "cilium",
                cidr: "10.48.0.0/16",
                clusters: ["e1", "e4"],
                values: { encryption },
            },
        },
    });

    it("is a problem of every key that asks for it", () => {
        const keys = (...lacking: string[]) =>
            kernelProblems(plan, (option) => !lacking.includes(option)).map(({ key }) => key);
        assert.deepEqual(keys("CONFIG_NET_IPIP"), ["clusters.e1.calico.encapsulation"]);
        assert.deepEqual(keys("CONFIG_WIREGUARD"), [
            "clusters.e2.calico.wireguard",
            "clusters.e3.cilium.values.encryption",
            "networks.cilium.values.encryption",
        ]);
        assert.deepEqual(keys(), []);
    });

    it("is told with the kernel's option and what to write instead", () => {
        const [problem] = kernelProblems(plan, () => false);
        assert.match(problem!.reason, /built without it \(CONFIG_NET_IPIP\)\.$/);
        assert.match(problem!.fix, /^Write encapsulation: VXLAN or None, or take a machine/);
    });

    it("is no problem of a plan that does not ask", () => {
        const plan = planOf({ clusters: { e1: { primary: "calico" }, e2: {} } });
        assert.deepEqual(
            kernelProblems(plan, () => false),
            [],
        );
    });

    it("is what its configuration has neither built in nor as a module", () => {
        const config = (...lines: string[]) => ["CONFIG_NET=y", ...lines, ""].join("\n");
        const lacking = (...lines: string[]) =>
            (["CONFIG_NET_IPIP", "CONFIG_WIREGUARD"] as const).filter(
                (option) => !optionsOf(config(...lines))(option),
            );
        assert.deepEqual(lacking("CONFIG_NET_IPIP=m", "CONFIG_WIREGUARD=y"), []);
        assert.deepEqual(lacking("# CONFIG_NET_IPIP is not set", "CONFIG_WIREGUARD_DEBUG=y"), [
            "CONFIG_NET_IPIP",
            "CONFIG_WIREGUARD",
        ]);
    });
});

describe("CNI plugins that are not available", () => {
    const plan = planOf({
        clusters: { e1: {} },
        networks: {
            a: { type: "ptp", cidr: "10.0.0.0/12" },
            b: { type: "bridge", cidr: "10.16.0.0/12" },
            c: { type: "macvlan", cidr: "10.32.0.0/16" },
            d: { type: "cilium", cidr: "10.33.0.0/16" },
        },
    });

    it("are problems of the networks of that type", () => {
        const problems = pluginProblems(plan, false);
        assert.deepEqual(
            problems.map(({ key, value }) => [key, value]),
            [
                ["networks.b.type", '"bridge"'],
                ["networks.c.type", '"macvlan"'],
            ],
        );
        assert.equal(
            problems[1]!.reason,
            'The CNI plugin "macvlan" is not available: kind\'s node image lacks it, and there is no folder .multinet/cni-plugins.',
        );
        assert.match(problems[1]!.fix, /^Run eval "\$\(npm run -s env\)", .*\(images\.node\)\.$/);
    });

    it("are none where they are", () => {
        assert.deepEqual(pluginProblems(plan, true), []);
    });
});

describe("images that were made on this machine", () => {
    const plan = planOf({
        clusters: {
            e1: { primary: "calico", calico: { encapsulation: "None" } },
            e2: { primary: "calico" },
            e3: { primary: "cilium" },
            e4: {},
        },
        networks: {
            a: { type: "ptp" },
            cilium: { type: "cilium", cidr: "172.20.0.0/16", clusters: ["e4"] },
        },
    });
    const keys = (charts?: Parameters<typeof madeImagesProblems>[1]) =>
        madeImagesProblems(plan, charts).map(({ key }) => key);

    it("have no routing daemon, so that Calico's only way between nodes is VXLAN", () => {
        assert.deepEqual(keys({ calico: "/calico", cilium: "/cilium" }), [
            "clusters.e1.calico.encapsulation",
        ]);
    });

    it("have to be those of a stack that asks for the same", () => {
        assert.deepEqual(keys({ calico: "/calico" }).slice(1), [
            "clusters.e3.primary",
            "networks.cilium.type",
        ]);
        assert.deepEqual(keys().slice(1), [
            "clusters.e1.primary",
            "clusters.e2.primary",
            "clusters.e3.primary",
            "networks.cilium.type",
        ]);
        const plain = planOf({ clusters: { e1: {} } });
        assert.deepEqual(madeImagesProblems(plain), []);
    });
});
