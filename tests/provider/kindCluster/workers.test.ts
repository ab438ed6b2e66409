import assert from "node:assert/strict";
import { CONTROL_PLANE, labCluster } from "../labCluster.ts";

describe("a kind cluster", function () {
    this.timeout(20_000);
    const lab = labCluster();

    describe("update", () => {
        it("adds a worker the way kind does", async () => {
            const old = await lab.created();
            const more = lab.inputsOf("lab-dev-edge1", 1);
            const outputs = await lab.resource.update(old, more, lab.call());
            assert.deepEqual(Object.keys(outputs.nodeAddresses), more.nodes);
            const worker = lab.world.one("lab-dev-edge1-worker");
            assert.ok(worker.joined);
            assert.equal(worker.memory, 2 ** 31);
            assert.equal(lab.kindRuns().length, 1);
            const [run] = lab.world.events.filter((event) => "run" in event);
            const args = run?.["args"] as string[];
            assert.ok(args.includes("io.x-k8s.kind.role=worker"));
            assert.ok(!args.some((argument) => argument.includes("=/bin")));
            assert.deepEqual(run?.["env"], ["PATH=/bin"]);
        });

        it("shows another worker the folder with CNI plugins as it is now, and touches no other node", async () => {
            lab.inputs = { ...lab.inputs, cniPlugins: "/before" };
            const old = await lab.created();
            const node = lab.world.one(CONTROL_PLANE);
            const events = lab.world.events.length;
            const moved = { ...lab.inputs, cniPlugins: "/now" };
            for (const now of [moved, lab.inputsOf("lab-dev-edge1", 0)]) {
                assert.deepEqual(await lab.changesOf(old, now), { cniPlugins: "update" });
            }
            const outputs = await lab.resource.update(old, moved, lab.call());
            assert.deepEqual(lab.world.one(CONTROL_PLANE), node);
            assert.equal(lab.world.events.length, events);
            const more = { ...lab.inputsOf("lab-dev-edge1", 1), cniPlugins: "/now" };
            await lab.resource.update({ ...old, inputs: moved, outputs }, more, lab.call());
            const [run] = lab.world.events.filter((event) => "run" in event);
            assert.ok(
                (run?.["args"] as string[]).includes("/now:/opt/multinet/cni-plugins:ro"),
                JSON.stringify(run),
            );
        });

        it("removes a worker's container before its node, which a living kubelet would register again", async () => {
            lab.inputs = lab.inputsOf("lab-dev-edge1", 1);
            const old = await lab.created();
            await lab.resource.update(old, lab.inputsOf("lab-dev-edge1", 0), lab.call());
            assert.deepEqual(lab.world.names, [CONTROL_PLANE]);
            const [container, node, pods] = lab.world.events.slice(-3);
            assert.deepEqual(container, { removed: "lab-dev-edge1-worker" });
            assert.match(String(node?.["command"]), /delete node lab-dev-edge1-worker /);
            assert.match(
                String(pods?.["command"]),
                /delete pods --field-selector=spec.nodeName=lab-dev-edge1-worker /,
            );
        });

        it("takes nodes out that it made and whose containers are gone, and no others", async () => {
            const old = await lab.created();
            const labels = { "multinet.dev/spec": "0123" };
            lab.world.behaviour = {
                registered: [
                    { name: "lab-dev-edge1-worker", labels },
                    { name: "simulated", labels: {} },
                ],
            };
            await lab.resource.update(old, { ...lab.inputs, memory: "3GiB" }, lab.call());
            const deleted = lab.world.events.map(({ command }) => String(command));
            assert.equal(deleted.filter((one) => one.includes("delete node")).length, 1);
            assert.match(deleted.at(-2)!, /delete node lab-dev-edge1-worker --ignore-not-found/);
        });

        it("gives a worker the image archives before it joins", async () => {
            lab.inputs = { ...lab.inputs, archives: ["box.tar"] };
            const old = await lab.created();
            await lab.resource.update(
                old,
                { ...lab.inputsOf("lab-dev-edge1", 1), archives: ["box.tar"] },
                lab.call(),
            );
            const order = lab.world.events.map(({ loaded, command }) =>
                String(loaded ?? command).replace(/ --.*/, ""),
            );
            assert.ok(order.indexOf("box.tar") < order.indexOf("kubeadm join"), order.join());
            assert.ok(order.includes("box.tar"));
        });

        it("keeps pods from a worker that comes back until Multus and its agent are there", async () => {
            lab.inputs = lab.inputsOf("lab-dev-edge1", 1);
            const [, worker = ""] = lab.inputs.nodes;
            const old = await lab.created();
            lab.world.drop(worker);
            const registered = [{ name: worker, labels: { "multinet.dev/spec": "0" } }];
            lab.world.behaviour = { daemonSets: ["multus", "node-routes"], fit: 4, registered };
            await lab.resource.update(old, lab.inputs, lab.call());
            const order = lab.world.events
                .map(
                    ({ command }) =>
                        /delete pods --field-selector=spec.nodeName=\S+|kubeadm join|install|^rm/.exec(
                            String(command),
                        )?.[0],
                )
                .filter((command) => command !== undefined);
            assert.deepEqual(order, [
                `delete pods --field-selector=spec.nodeName=${worker}`,
                "install",
                "kubeadm join",
                "rm",
            ]);
            assert.ok((lab.world.behaviour.fit ?? 0) <= 0);
            assert.ok(!lab.world.one(worker).gated);
        });

        it("opens a gate that a killed run left closed", async () => {
            lab.inputs = lab.inputsOf("lab-dev-edge1", 1);
            const [, worker = ""] = lab.inputs.nodes;
            const old = await lab.created();
            lab.world.change(worker, { gated: true });
            await lab.resource.update(old, lab.inputs, lab.call());
            assert.ok(!lab.world.one(worker).gated);
        });

        it("gates nothing where there is no Multus", async () => {
            const old = await lab.created();
            await lab.resource.update(old, lab.inputsOf("lab-dev-edge1", 1), lab.call());
            assert.ok(
                !lab.world.events.some(({ command }) => String(command).startsWith("install")),
            );
        });

        it("removes a worker that could not be added by the id that was printed, and no stranger of that name", async () => {
            const old = await lab.created();
            const more = lab.inputsOf("lab-dev-edge1", 1);
            const [, worker = ""] = more.nodes;
            lab.world.behaviour = { runFails: "start" };
            await assert.rejects(
                lab.resource.update(old, more, lab.call()),
                /OCI runtime create failed/,
            );
            assert.deepEqual(lab.world.names, [CONTROL_PLANE]);
            lab.world.behaviour = { runFails: "conflict" };
            await assert.rejects(lab.resource.update(old, more, lab.call()), /Conflict/);
            assert.deepEqual(lab.world.names, [CONTROL_PLANE, worker]);
        });

        it("recreates a worker that a killed run left before it joined", async () => {
            const old = await lab.created();
            const [, worker = ""] = lab.inputsOf("lab-dev-edge1", 1).nodes;
            lab.world.add(worker, { cluster: "lab-dev-edge1", network: "lab-dev" });
            lab.world.change(worker, { joined: false });
            const { id } = lab.world.one(worker);
            await lab.resource.update(old, lab.inputsOf("lab-dev-edge1", 1), lab.call());
            assert.ok(lab.world.one(worker).joined);
            assert.notEqual(lab.world.one(worker).id, id);
            assert.ok(lab.logged.includes(`worker ${worker} never joined; it is recreated`));
        });

        it("has no worker join before its services run", async () => {
            const old = await lab.created();
            lab.world.behaviour = { boots: 2 };
            await lab.resource.update(old, lab.inputsOf("lab-dev-edge1", 1), lab.call());
            assert.equal(lab.world.behaviour.boots, -1);
            assert.ok(lab.world.one("lab-dev-edge1-worker").joined);
        });

        it("adds the other workers when one cannot be added, and says which", async () => {
            const old = await lab.created();
            const more = lab.inputsOf("lab-dev-edge1", 2);
            const [, first = "", second = ""] = more.nodes;
            lab.world.behaviour = { cannotJoin: first };
            await assert.rejects(
                lab.resource.update(old, more, lab.call()),
                /^Error: worker lab-dev-edge1-worker could not be added: .*kubelet-start/s,
            );
            assert.deepEqual(lab.world.names, [CONTROL_PLANE, second]);
            assert.ok(lab.world.one(second).joined);
        });
    });
});
