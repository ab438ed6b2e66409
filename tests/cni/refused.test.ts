import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { renameSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { CNI_PLUGINS } from "../../cli/setup/cniPlugins.ts";
import { STATE_DIR } from "../../cli/project.ts";
import { startTimes } from "../e2e/world.ts";
import { full } from "./full.ts";
import { ownStack } from "./ownStack.ts";
import { NETWORK, scenario, withCluster, withNetwork } from "./scenario.ts";

const run = promisify(execFile);

/** Where the set-up puts the plugins that kind's node image lacks. */
const PLUGINS = join(STATE_DIR, CNI_PLUGINS);
const withoutRange = { ...scenario.networks[NETWORK]!, cidr: undefined };

/** What is wrong, the configuration, and what the preview has to say of it. */
const FAULTS: [what: string, config: Record<string, unknown>, said: RegExp][] = [
    [
        "pools that overlap",
        withNetwork({ cidr: "192.168.128.0/17" }),
        /192\.168\.0\.0\/16.*overlaps/,
    ],
    [
        "Cilium's own default range",
        { ...scenario, networks: { [NETWORK]: withoutRange } },
        /default, 10\.0\.0\.0\/8/,
    ],
    [
        "the replacement of kube-proxy in a secondary network",
        withNetwork({ values: { kubeProxyReplacement: true } }),
        /kubeProxyReplacement/,
    ],
    [
        "an operator that restarts unmanaged pods",
        withNetwork({ values: { operator: { unmanagedPodWatcher: { restart: true } } } }),
        /unmanagedPodWatcher.*kube-dns/,
    ],
    [
        "CNI files renamed by Cilium",
        withNetwork({ values: { cni: { exclusive: true } } }),
        /cni\.exclusive/,
    ],
    ["two Ciliums on one node", withCluster({ primary: "cilium" }), /A node runs one Cilium/],
];

full("configurations that cannot work", function () {
    this.timeout("3m");
    const stack = ownStack("cni-refused");

    async function assertRefused(said: RegExp): Promise<void> {
        const { code, output } = await stack.pulumi(["preview"]);
        assert.notEqual(code, 0, output);
        assert.match(output, said);
        assert.match(output, /Nothing was changed/);
        assert.match(output, /Reason: /);
        assert.match(output, /Fix: /);
        assert.deepEqual(await startTimes("multinet-cni-refused-"), {});
    }

    for (const [what, config, said] of FAULTS) {
        it(`are refused: ${what}`, async () => {
            stack.configure(config);
            await assertRefused(said);
        });
    }

    it("are refused: macvlan where its plugin is not available", async () => {
        const aside = `${PLUGINS}.aside`;
        renameSync(PLUGINS, aside);
        try {
            const networks = { lan: { type: "macvlan", cidr: "198.18.0.0/16" } };
            stack.configure({ ...scenario, networks });
            await assertRefused(/CNI plugin "macvlan" is not available/);
        } finally {
            renameSync(aside, PLUGINS);
        }
    });

    it("are refused: two networks of one name", async () => {
        const network = `${NETWORK}: { type: cilium, cidr: 10.245.0.0/16 }`;
        stack.write(`config:\n    multinet:networks:\n        ${network}\n        ${network}\n`);
        const { code, output } = await stack.pulumi(["preview"]);
        assert.notEqual(code, 0, output);
        assert.match(output, new RegExp(`"${NETWORK}" already defined`));
    });

    for (const [feature, type, calico] of [
        ["IP-in-IP", "ipip", { encapsulation: "IPIP" }],
        ["WireGuard", "wireguard", { wireguard: true }],
    ] as const) {
        it(`are refused: ${feature} exactly where the kernel lacks it`, async () => {
            stack.configure(withCluster({ calico }));
            const said = new RegExp(`kernel.*CONFIG_\\w*${type}`, "i");
            if (!(await kernelHas(type))) {
                return assertRefused(said);
            }
            assert.doesNotMatch((await stack.pulumi(["preview"])).output, said);
        });
    }
});

/** Whether this machine's kernel makes links of a type; tried in a network namespace that goes with the command. */
async function kernelHas(type: string): Promise<boolean> {
    try {
        await run("unshare", [
            "--map-root-user",
            "--net",
            "ip",
            "link",
            "add",
            "probe0",
            "type",
            type,
        ]);
        return true;
    } catch {
        return false;
    }
}
