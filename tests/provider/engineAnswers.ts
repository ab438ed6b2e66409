/** What podman 5 prints for one running kind node, without what is not read. */
const NODE = {
    Id: "f00d",
    Name: "lab-dev-edge1-control-plane",
    State: { Status: "running", Running: true },
    Config: {
        Image: "kindest/node:v1",
        Labels: { "io.x-k8s.kind.cluster": "lab-dev-edge1" },
        Env: ["container=docker"],
    },
    HostConfig: {
        Memory: 4294967296,
        Binds: ["/lib/modules:/lib/modules:ro"],
        Devices: [{ PathOnHost: "/dev/fuse", PathInContainer: "/dev/fuse" }],
        UsernsMode: "",
    },
    NetworkSettings: { Networks: { "lab-dev": { IPAddress: "10.200.0.2" } } },
};
/** docker 28 writes a slash before the name. */
export const INSPECTED = { docker: { ...NODE, Name: `/${NODE.Name}` }, podman: NODE };
export const NETWORKS = {
    docker: [
        {
            Id: "1",
            Name: "bridge",
            Driver: "bridge",
            Labels: {},
            Options: { "com.docker.network.driver.mtu": "1400" },
            IPAM: { Config: [{ Subnet: "172.17.0.0/16", Gateway: "172.17.0.1" }] },
        },
        { Id: "2", Name: "host", Driver: "host", Labels: null, IPAM: { Config: null } },
    ],
    podman: [
        {
            id: "1",
            name: "bridge",
            driver: "bridge",
            subnets: [{ subnet: "172.17.0.0/16", gateway: "172.17.0.1" }],
            options: { mtu: "1400" },
        },
        { id: "2", name: "host", driver: "host", labels: {} },
    ],
};
export const LISTED = [
    {
        id: "1",
        name: "bridge",
        driver: "bridge",
        subnets: ["172.17.0.0/16"],
        gateway: "172.17.0.1",
        mtu: 1400,
        labels: {},
    },
    {
        id: "2",
        name: "host",
        driver: "host",
        subnets: [],
        gateway: undefined,
        mtu: undefined,
        labels: {},
    },
];
export const INFO = {
    docker: { ID: "0f0f", Name: "here" },
    podman: { host: { hostname: "here" }, store: { graphRoot: "/var/lib/containers/storage" } },
};
export const IDS = { docker: "0f0f", podman: "here:/var/lib/containers/storage" };
export const MISSING = {
    docker: [
        (name: string) => `Error: No such container: ${name}`,
        (name: string) => `error: no such object: ${name}`,
        (name: string) => `Error response from daemon: No such container: ${name}`,
    ],
    podman: [
        (name: string) => `Error: no such container "${name}"`,
        (name: string) => `Error: inspecting object: no such container ${name}`,
    ],
};
export const SILENT = {
    docker: [
        "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
        "error during connect: Get http://docker/v1.24: EOF",
        "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock",
    ],
    podman: [
        "Cannot connect to Podman. Please verify your connection to the Linux system",
        "Error: unable to connect to Podman socket: dial unix /run/podman/podman.sock: connect: connection refused",
    ],
};
