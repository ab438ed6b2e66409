import assert from "node:assert/strict";
import { baseSpec, edit } from "../../../../source-builds/images/nodeFiles.ts";

describe("containerd's files in a node", () => {
    it("name our sandbox image and never lower an OOM score", () => {
        const config =
            '  sandbox_image = "registry.k8s.io/pause:3.10"\n  restrict_oom_score_adj = false\n';
        assert.equal(
            edit(config),
            '  sandbox_image = "registry.k8s.io/pause:3.10.1"\n  restrict_oom_score_adj = true\n',
        );
    });

    it("are refused when another version of kind has changed them", () => {
        const config = 'sandbox_image = "registry.k8s.io/pause:3.10"\n';
        assert.throws(() => edit(config), /restrict_oom_score_adj = false is not in .* adapt/);
    });

    it("start containers with kind's hook and without limits", () => {
        const spec = { process: { args: ["sh"], rlimits: [{}] }, hooks: { poststop: [] } };
        assert.deepEqual(JSON.parse(baseSpec(JSON.stringify(spec))), {
            process: { args: ["sh"] },
            hooks: {
                poststop: [],
                createContainer: [{ path: "/kind/bin/mount-product-files.sh" }],
            },
        });
    });
});
