import assert from "node:assert/strict";
import fc from "fast-check";
import { formatProblems } from "../../../../plan/problem.ts";
import { hostConflicts } from "../../../../plan/rules/hostConflicts.ts";
import { validateConfig } from "../../../../plan/config/validate.ts";
import { config, owner, RUNS } from "./randomConfig.ts";

/** A host on which no private range is free. */
const EVERYTHING = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"].map(
    (cidr) => ({ cidr, what: "a route" }),
);

describe("random topologies", function () {
    this.timeout(0); // it only computes: how long that takes says how busy the machine is

    it("of any data whatever are refused or planned, never thrown at", () => {
        const value = fc.jsonValue({ maxDepth: 2 });
        const section = fc.constantFrom(
            "clusters",
            "networks",
            "addresses",
            "bridge",
            "demo",
            "images",
            "runtime",
            "x",
        );
        const inside = fc.constantFrom(
            "nodes",
            "index",
            "podSubnet",
            "memory",
            "cidr",
            "clusterPrefix",
            "pods",
            "subnet",
            "clusters",
            "primary",
            "ipam",
            "values",
            "calico",
            "plain",
            "__proto__",
            "constructor",
            "",
        );
        fc.assert(
            fc.property(
                config,
                owner,
                section,
                inside,
                value,
                (config, owner, section, inside, value) => {
                    const parts = [
                        value,
                        { [inside]: value },
                        { edge1: { [inside]: value }, constructor: value },
                        ...["ptp", "bridge", "macvlan", "cilium"].map((type) => ({
                            n: { type, cidr: "16.0.0.0/16", clusterPrefix: 20, [inside]: value },
                        })),
                        {
                            edge1: {
                                primary: "calico",
                                calico: { values: value, [inside]: value },
                            },
                        },
                    ];
                    for (const part of parts) {
                        const result = validateConfig({ ...config, [section]: part }, owner);
                        if ("problems" in result) {
                            assert.notEqual(formatProblems(result.problems), formatProblems([]));
                        } else {
                            hostConflicts(result.topology, EVERYTHING);
                        }
                    }
                },
            ),
            { numRuns: RUNS.garbage },
        );
    });
});
