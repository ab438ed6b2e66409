import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Local } from "../../plan/images.ts";
import { Stack } from "../e2e/stack.ts";
import { world } from "../e2e/world.ts";
import { full } from "./full.ts";
import { greenCells } from "./matrix.ts";
import { PASSWORD, TestRegistry } from "./registry.ts";

/** The machine's own address on the stack's network is the first of this range. */
const SUBNET = "10.251.8.0/24";
const GATEWAY = "10.251.8.1";

/** The nodes have Kubernetes in their image; what multinet runs there comes from the registry. */
full("images from a registry with a login and a certificate authority of its own", function () {
    this.timeout("15m");
    let folder: string;
    let registry: TestRegistry;
    let stack: Stack;
    let asBefore: Awaited<ReturnType<typeof world>>;

    before(async () => {
        folder = mkdtempSync(join(tmpdir(), "multinet-registry-"));
        registry = await TestRegistry.start(folder, GATEWAY);
        stack = new Stack("cni-registry", folder, { DOCKER_CONFIG: registry.client });
        await stack.init();
    });
    after(async () => {
        await stack?.pulumi(["cancel", "--yes"]);
        await stack?.pulumi(["destroy", "--yes", "--skip-preview"]);
        await registry?.stop();
        rmSync(folder, { recursive: true, force: true });
    });

    it("bring a stack up to a green matrix, pulled by every node", async () => {
        const images = await registry.push();
        asBefore = await world(stack.kubeconfigs);
        stack.configure(config(images, 1));
        await stack.up();
        await greenCells(stack);
        assert.deepEqual(pulls(registry), { multus: 1, toolbox: 1 });
    });

    it("are pulled by a node that joins", async () => {
        stack.configure(config(imagesOf(registry), 2));
        await stack.up();
        await greenCells(stack);
        assert.deepEqual(pulls(registry), { multus: 2, toolbox: 2 });
    });

    it("leave no login in the state, nor in a preview", async () => {
        const login = Buffer.from(`user:${PASSWORD}`).toString("base64");
        const state = await stack.expect(["stack", "export"]);
        assert.match(state, /"registries"/);
        assert.ok(!state.includes(login));
        assert.ok(!(await stack.expect(["preview", "--diff"])).includes(login));
        assert.deepEqual(await stack.preview(), []);
    });

    it("leave nothing behind", async () => {
        await stack.destroy();
        assert.deepEqual(await world(stack.kubeconfigs), asBefore);
    });

    function config(images: { multus: string; toolbox: string }, nodes: number) {
        const { node } = JSON.parse(readFileSync(process.env["MULTINET_IMAGES"]!, "utf8")) as Local;
        const mirror = `${registry.host}/copies`;
        return {
            clusters: { edge1: { nodes } },
            networks: { "data-plane": { type: "ptp" } },
            bridge: { subnet: SUBNET },
            images: { ...images, node, mirror, ca: registry.ca },
        };
    }
});

function imagesOf({ host }: TestRegistry) {
    return { multus: `${host}/copies/multus:v1`, toolbox: `${host}/copies/toolbox:v1` };
}

/** How often each image's largest part was handed out to who had logged in. */
function pulls({ log }: TestRegistry): Record<string, number> {
    const counts: Record<string, number> = {};
    const blob = /"GET \/v2\/copies\/(\w+)\/blobs\/sha256:\w+ HTTP\/[\d.]+" 200 (\d+)/g;
    for (const [, name = "", bytes] of log.matchAll(blob)) {
        // The rest is the image's configuration.
        if (Number(bytes) > 100_000) {
            counts[name] = (counts[name] ?? 0) + 1;
        }
    }
    return counts;
}
