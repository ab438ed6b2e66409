import assert from "node:assert/strict";
import { routesOfIp, routesOfKernel } from "../../../system/routes.ts";
import hosts from "../../fixtures/hostRoutes.json" with { type: "json" };

const of = (host: keyof typeof hosts) => routesOfIp(JSON.stringify(hosts[host]));

describe("routes of this machine", () => {
    it("have their range, device and next hop", () => {
        const nat = { table: undefined, device: "eth0" };
        assert.deepEqual(of("VM behind VirtualBox's NAT").slice(0, 2), [
            { ...nat, cidr: "0.0.0.0/0", gateway: "10.0.2.2" },
            { ...nat, cidr: "10.0.2.0/24", gateway: undefined },
        ]);
    });

    it("to one host are ranges of one address", () => {
        const cidrs = of("GitHub runner").map(({ cidr }) => cidr);
        assert.ok(cidrs.includes("168.63.129.16/32"), cidrs.join(" "));
    });

    it("of tables to which rules lead are seen, with the table", () => {
        const { device, table } = of("WireGuard, split tunnel").find(
            ({ cidr }) => cidr === "10.0.0.0/8",
        )!;
        assert.deepEqual([device, table], ["wg0", "51820"]);
        const tables = of("Tailscale with a subnet router").map(({ table }) => table);
        assert.deepEqual([...new Set(tables)], ["52", undefined]);
    });

    it("through several next hops name all devices", () => {
        const [, , , route] = of("two uplinks");
        assert.deepEqual([route!.cidr, route!.device], ["10.100.0.0/16", "eth0 and eth1"]);
    });

    it("are no JSON where `ip` does not know it", () => {
        assert.throws(() => routesOfIp("default via 10.0.2.2 dev eth0\n"), SyntaxError);
    });

    it("come from the kernel's own table otherwise", () => {
        const head =
            "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT";
        const rows = [
            "eth0\t00000000\t0202000A\t0003\t0\t0\t0\t00000000\t0\t0\t0",
            "eth0\t0002000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0",
            "br-1\t00D0C40A\t00000000\t0001\t0\t0\t0\t00FCFFFF\t0\t0\t0",
        ];
        assert.deepEqual(routesOfKernel([head, ...rows, ""].join("\n")), [
            { cidr: "0.0.0.0/0", device: "eth0", gateway: "10.0.2.2" },
            { cidr: "10.0.2.0/24", device: "eth0", gateway: undefined },
            { cidr: "10.196.208.0/22", device: "br-1", gateway: undefined },
        ]);
    });
});
