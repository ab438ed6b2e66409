/** What making artifacts takes of this machine. */
export interface Cost {
    /** Something is built with Go, or taken from its modules. */
    build: boolean;
    /** Disk space in GiB. */
    disk: number;
    /** Minutes on two cores. */
    minutes: number;
}

interface Group {
    artifacts: string[];
    /** Gigabytes that sources, compiled packages and results take, and minutes: measured, rounded up. */
    disk: number;
    minutes: number;
    /** Nothing of it comes from Go modules. */
    noGo?: boolean;
    /** All of it can be downloaded where anything can. */
    downloadable?: boolean;
}

const GROUPS: Group[] = [
    {
        artifacts: ["kind", "kubectl", "pulumi", "pulumi-resource-kubernetes"],
        disk: 10,
        minutes: 18,
        downloadable: true,
    },
    { artifacts: ["cni-plugins"], disk: 1, minutes: 1, downloadable: true },
    { artifacts: ["runc-wrapper"], disk: 0, minutes: 1 },
    {
        artifacts: ["kubernetes", "etcd", "coredns", "pause", "kindnet", "multus", "containerd"],
        disk: 10,
        minutes: 22,
    },
    { artifacts: ["calico", "tigera-operator"], disk: 6, minutes: 15 },
    { artifacts: ["cilium"], disk: 6, minutes: 10 },
    {
        artifacts: ["node-files", "calico-files", "calico-chart", "cilium-files", "cilium-chart"],
        disk: 0,
        minutes: 1,
    },
    // With the node image that the engine makes of them.
    {
        artifacts: [
            "rootfs",
            "rootfs-cni",
            "image-store",
            "image-store-calico",
            "image-store-cilium",
            "image-store-calico-cilium",
        ],
        disk: 4,
        minutes: 4,
        noGo: true,
    },
];

/** What the clusters themselves take on disk, in GiB. */
const CLUSTERS = 4;

/** What it takes to make these artifacts and to run clusters with them. */
export function cost(artifacts: string[], downloads: boolean): Cost {
    const taken = GROUPS.filter(
        (group) =>
            group.artifacts.some((artifact) => artifacts.includes(artifact)) &&
            !(downloads && group.downloadable),
    );
    const total = (key: "disk" | "minutes") => taken.reduce((sum, group) => sum + group[key], 0);
    return {
        build: taken.some(({ noGo }) => !noGo),
        disk: CLUSTERS + total("disk"),
        minutes: total("minutes"),
    };
}
