import assert from "node:assert/strict";
import fc from "fast-check";
import { topologyDiagram } from "../../../../plan/diagram.ts";
import { config, owner, planOf, RUNS } from "./randomConfig.ts";
import { checkAddresses, checkJoining, checkNames, checkRoutes } from "./planChecks.ts";
import { checkReachability } from "./reachabilityCheck.ts";

describe("random topologies", function () {
    this.timeout(0); // it only computes: how long that takes says how busy the machine is

    it("have a plan in which all addresses, routes and names are right", () => {
        fc.assert(
            fc.property(config, owner, (config, owner) => {
                const made = planOf(config, owner);
                checkAddresses(made);
                checkRoutes(made);
                checkJoining(made);
                checkNames(made);
                checkReachability(made);
                assert.ok(topologyDiagram(made).startsWith("flowchart"));
            }),
            { numRuns: RUNS.plan },
        );
    });
});
