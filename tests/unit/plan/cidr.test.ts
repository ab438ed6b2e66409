import assert from "node:assert/strict";
import fc from "fast-check";
import ipaddr from "ipaddr.js";
import * as cidr from "../../../plan/cidr.ts";

const range = fc
    .record({ address: fc.nat(0xffffffff), prefix: fc.integer({ min: 1, max: 32 }) })
    .map(({ address, prefix }) => {
        const dotted = [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".");
        return `${ipaddr.IPv4.networkAddressFromCIDR(`${dotted}/${prefix}`).toString()}/${prefix}`;
    });

describe("CIDR algebra", function () {
    this.timeout(60_000);

    it("reads and writes a range without change", () => {
        fc.assert(
            fc.property(range, (text) => {
                assert.equal(cidr.formatCidr(cidr.cidrOf(text)), text);
            }),
        );
    });

    it("agrees with ipaddr.js about first and last hosts", () => {
        fc.assert(
            fc.property(range, (text) => {
                const parsed = cidr.cidrOf(text);
                if (parsed.prefix > 30) {
                    return assert.equal(cidr.hostCount(parsed), 0);
                }
                const [first, last] = [cidr.firstHost(parsed), cidr.lastHost(parsed)];
                const whole = ipaddr.IPv4.parseCIDR(text);
                assert.ok(ipaddr.IPv4.parse(first).match(whole));
                assert.ok(ipaddr.IPv4.parse(last).match(whole));
                assert.notEqual(first, ipaddr.IPv4.networkAddressFromCIDR(text).toString());
                assert.notEqual(last, ipaddr.IPv4.broadcastAddressFromCIDR(text).toString());
            }),
        );
    });

    it("finds two ranges to overlap exactly if one holds the other's first address", () => {
        fc.assert(
            fc.property(range, range, (a, b) => {
                const [x, y] = [ipaddr.IPv4.parseCIDR(a), ipaddr.IPv4.parseCIDR(b)];
                const expected = x[0].match(y) || y[0].match(x);
                assert.equal(cidr.overlaps(cidr.cidrOf(a), cidr.cidrOf(b)), expected);
            }),
        );
    });

    it("finds an overlap in a single address, and none between neighbours", () => {
        const overlap = (a: string, b: string) => cidr.overlaps(cidr.cidrOf(a), cidr.cidrOf(b));
        assert.ok(overlap("10.0.0.255/32", "10.0.0.0/24"));
        assert.ok(overlap("10.0.0.0/24", "10.0.0.0/32"));
        assert.ok(!overlap("10.0.0.0/24", "10.0.1.0/24"));
    });

    it("counts blocks from 0 and refuses the one after the last", () => {
        const whole = cidr.cidrOf("240.0.0.0/4");
        assert.equal(cidr.blockCount(whole, 8), 16);
        assert.equal(cidr.formatCidr(cidr.nthBlock(whole, 8, 0)), "240.0.0.0/8");
        assert.equal(cidr.formatCidr(cidr.nthBlock(whole, 32, 2 ** 28 - 1)), "255.255.255.255/32");
        for (const n of [16, -1, 0.5, Number.NaN]) {
            assert.throws(() => cidr.nthBlock(whole, 8, n), RangeError);
        }
        assert.equal(cidr.blockCount(whole, 3), 0);
    });

    it("reads the ranges of others leniently", () => {
        assert.deepEqual(cidr.looseCidr("172.18.0.1/16"), cidr.cidrOf("172.18.0.0/16"));
        assert.deepEqual(cidr.looseCidr("0.0.0.0/0"), { first: 0, prefix: 0 });
        assert.equal(cidr.looseCidr("fc00::/64"), undefined);
        assert.equal(cidr.looseCidr(""), undefined);
    });

    it("throws for text that is no range where it was promised to be one", () => {
        assert.throws(() => cidr.cidrOf("10.0.0.1/8"), /10\.0\.0\.1\/8: Host bits are set/);
    });
});
