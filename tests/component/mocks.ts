import * as pulumi from "@pulumi/pulumi";

/** What the engine was asked to register. */
export interface Registered {
    type: string;
    name: string;
    inputs: Record<string, unknown>;
    /** The same as they are sent, with secrets marked. */
    wire: unknown;
    provider: string;
    parent: string;
    deletedWith: string;
    /** Id of what is to be adopted. */
    importId: string;
    dependencies: string[];
}

/** The part of the SDK's mock monitor that is used here. */
interface Monitor {
    registerResource(req: Request, callback: unknown): Promise<void>;
}
interface Request {
    getType(): string;
    getName(): string;
    getParent(): string;
    getProvider(): string;
    getObject(): { toJavaScript(): unknown } | undefined;
    getDeletedwith(): string;
    getImportid(): string;
    getDependenciesList(): string[];
}

/** Exported by the SDK, but not in its types. */
interface Settling {
    waitForRPCs(): Promise<void>;
}

/** What Cilium gives the i-th node of a cluster, from 0. */
type Given = (i: number) => { range: string; router: string };

/** Runs a program against mocks and returns all that it registered, by name. */
export async function registered(
    program: () => unknown,
    given: Given = (i) => ({ range: `10.245.${i}.0/24`, router: `10.245.${i}.99` }),
    stack = "unit",
): Promise<Map<string, Registered>> {
    const inputs = new Map<string, Record<string, unknown>>();
    await pulumi.runtime.setMocks(
        {
            newResource: (args) => {
                inputs.set(`${args.type} ${args.name}`, args.inputs as Record<string, unknown>);
                return {
                    id: `${args.name}-id`,
                    state: { ...(args.inputs as object), ...computed(args, given) },
                };
            },
            call: (args) => args.inputs as Record<string, unknown>,
        },
        "multinet",
        stack,
        false,
    );
    const requests: Request[] = [];
    const monitor = pulumi.runtime.getMonitor() as unknown as Monitor;
    const register = monitor.registerResource.bind(monitor);
    monitor.registerResource = (req, callback) => {
        requests.push(req);
        return register(req, callback);
    };
    program();
    await (pulumi.runtime as unknown as Settling).waitForRPCs();
    return new Map(
        requests.map((req) => [
            req.getName(),
            {
                type: req.getType(),
                name: req.getName(),
                inputs: inputs.get(`${req.getType()} ${req.getName()}`) ?? {},
                wire: req.getObject()?.toJavaScript(),
                provider: req.getProvider(),
                parent: req.getParent(),
                deletedWith: req.getDeletedwith(),
                importId: req.getImportid(),
                dependencies: req.getDependenciesList(),
            },
        ]),
    );
}

/** Outputs that the real providers would add. */
function computed(
    { type, inputs }: pulumi.runtime.MockResourceArgs,
    given: Given,
): Record<string, unknown> {
    if (type === "multinet:index:KindCluster") {
        const nodes = (inputs as { nodes: string[] }).nodes;
        return {
            kubeconfig: "kubeconfig text",
            ca: "ca-hash",
            endpoint: "https://127.0.0.1:6443",
            nodeAddresses: Object.fromEntries(nodes.map((node, i) => [node, `10.200.0.${i + 2}`])),
        };
    }
    if (type === "kubernetes:helm.sh/v3:Release") {
        return { status: { revision: 7 } };
    }
    if (type === "multinet:index:ReleaseInventory") {
        return { repairs: { multus: "2" } };
    }
    if (type === "multinet:index:CiliumNodes") {
        const nodes = (inputs as { nodes: string[] }).nodes;
        return { ranges: Object.fromEntries(nodes.map((node, i) => [node, given(i)])) };
    }
    if (type === "multinet:index:ReachabilityMatrix") {
        return { matrix: [], summary: "green" };
    }
    return {};
}
