import * as chart from "../ciliumChart.ts";
import { key } from "../config/key.ts";
import { values } from "../config/refine.ts";
import { merged } from "../helmValues.ts";
import type { PrimaryType, SettingsOf } from "./primaryType.ts";

const keys = {
    values: key(values, "overrides of the Cilium chart's values", {
        example: "{ resources: {} }",
        otherwise: "none",
    }),
};

/** Prefix length of what Kubernetes, and so Cilium, gives each node of the pod subnet. */
const NODE_PREFIX = 24;

/** Cilium as a cluster's own network. */
export const cilium: PrimaryType<SettingsOf<typeof keys>> = {
    name: "cilium",
    keys,
    text: {
        section: "`{ values }`, see below; only with `primary: cilium`",
        example: "{ values: {} }",
    },
    conflist: "05-cilium.conflist",
    installs: chart.CILIUM,
    reservedValues: [
        ...chart.RESERVED,
        {
            keys: chart.POOL_KEYS,
            why: "its range is the cluster's pod subnet",
            instead: "podSubnet",
        },
    ],
    givesRanges: true,

    values: ({ podSubnet }, { values: users }) =>
        [chart.BARE, chart.TUNNEL, users, chart.fixedValues(podSubnet, NODE_PREFIX)].reduce(merged),

    needs: ({ values }, path) => chart.wireguardNeeds([...path, "values"], values),
};
