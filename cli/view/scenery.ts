/** What is drawn, as far as its places depend on it. */
export interface Scenery {
    /** In the order of their rails. One that ends with each cluster has no rail that joins them. */
    networks: { name: string; reach: "stack" | "cluster" }[];
    clusters: SceneryCluster[];
}

export interface SceneryCluster {
    name: string;
    /** Names of those that it joins; each node has a row for each. */
    networks: string[];
    nodes: SceneryNode[];
}

export interface SceneryNode {
    name: string;
    pods: string[];
}

/** All lengths are in pixels of the picture at its natural size. */
export interface Box {
    x: number;
    y: number;
    width: number;
    height: number;
}
