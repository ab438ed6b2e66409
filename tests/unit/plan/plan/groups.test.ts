import assert from "node:assert/strict";
import { planOf } from "../planOf.ts";

describe("members of a multicast group", () => {
    const membersOf = (clusters: number, deployments: number) => {
        const { reachability } = planOf({
            clusters: Object.fromEntries(
                Array.from({ length: clusters }, (_, i) => [`e${i + 1}`, {}]),
            ),
            networks: { lan: { type: "macvlan", cidr: "10.32.0.0/16" } },
            demo: { deployments },
        });
        const members = reachability.multicast.flatMap(({ to, member }) => (member ? to : []));
        return [...new Set(members.map(({ cluster, demo }) => `${cluster}/${demo}`))].sort();
    };

    it("are the odd demos", () => {
        assert.deepEqual(membersOf(1, 3), ["e1/demo1", "e1/demo3"]);
    });

    it("are all but the last cluster's where each cluster has one demo", () => {
        assert.deepEqual(membersOf(2, 1), ["e1/demo1", "e2/demo1"]);
        assert.deepEqual(membersOf(3, 1), ["e1/demo1", "e2/demo1"]);
    });
});
