import { setTimeout } from "node:timers/promises";
import { text } from "node:stream/consumers";
import { parse } from "yaml";
import { kubeconfig } from "./kubeconfig.ts";
import { FakeWorld } from "./world.ts";

/** A fake kind: makes containers in the fake world that FAKE_WORLD names, and misbehaves as told there. */
const world = new FakeWorld(process.env["FAKE_WORLD"]!);
const [, verb, ...flags] = process.argv.slice(2);
const [action = ""] = process.argv.slice(2);
const flag = (name: string) => flags[flags.indexOf(`--${name}`) + 1]!;

if (action === "get") {
    const [controlPlane] = await world.containers({
        names: [`${flag("name")}-control-plane`],
    });
    if (!controlPlane) {
        console.error("ERROR: could not locate any control plane nodes");
        process.exit(1);
    }
    process.stdout.write(kubeconfig(controlPlane.id));
} else if (action === "load") {
    world.note({ loaded: flags[0], into: flag("nodes") });
} else if (verb === "cluster") {
    const name = flag("name");
    const config = parse(await text(process.stdin)) as {
        nodes: { role: string; labels: Record<string, string> }[];
    };
    const { env } = process;
    world.note({
        kind: name,
        config,
        kubeconfig: flag("kubeconfig"),
        KUBECONFIG: env["KUBECONFIG"],
        passphrase: env["PULUMI_CONFIG_PASSPHRASE"],
    });
    console.error(" • Preparing nodes 📦  ...");
    if (world.behaviour.kindTakes) {
        await setTimeout(world.behaviour.kindTakes);
    }
    const existing = await world.containers({ label: `io.x-k8s.kind.cluster=${name}` });
    if (existing.length > 0) {
        console.error(
            `ERROR: failed to create cluster: node(s) already exist for a cluster with the name "${name}"`,
        );
        process.exit(1);
    }
    let workers = 0;
    for (const { role, labels } of config.nodes) {
        const number = role === "worker" && ++workers > 1 ? workers : "";
        world.add(`${name}-${role}${number}`, {
            cluster: name,
            network: env["KIND_EXPERIMENTAL_DOCKER_NETWORK"]!,
            image: flag("image"),
            nodeLabels: labels,
        });
    }
    if (world.behaviour.kindFails) {
        console.error(`ERROR: failed to create cluster: ${world.behaviour.kindFails}`);
        process.exit(1);
    }
}
