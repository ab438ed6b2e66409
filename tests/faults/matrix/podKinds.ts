import type { Random } from "../random.ts";
import type { Kind, Made } from "./kind.ts";
import type { Place, Scene } from "./scene.ts";

/** Something in a pod, in whose network namespace `inside` runs a command. */
function inPod(what: string, make: string, undo: string): Kind {
    return {
        what,
        make: async (scene, at, random) => {
            const pod = await scene.pod(at, random);
            const fill = (text: string) => text.replaceAll("ADDRESS", pod.addresses["net1"]!);
            await scene.inPod(at, pod, fill(make));
            return { undo: () => scene.inPod(at, pod, fill(undo)) };
        },
    };
}

/** Faults at an end of the way. */
export const PODS: Kind[] = [
    inPod(
        "a pod without its address",
        "inside ip route show >/run/routes; inside ip address show dev net1 >/run/address; inside ip address del $(awk '/inet /{print $2; exit}' /run/address) dev net1",
        "inside ip address replace $(awk '/inet /{print $2; exit}' /run/address) dev net1; while read -r r; do inside ip route replace $r; done </run/routes",
    ),
    inPod(
        "a pod whose interface is down",
        "inside ip route show >/run/routes; inside ip link set net1 down",
        "inside ip link set net1 up; while read -r r; do inside ip route replace $r; done </run/routes",
    ),
    inPod(
        "a pod that ignores echoes",
        "inside sysctl -qw net.ipv4.icmp_echo_ignore_all=1",
        "inside sysctl -qw net.ipv4.icmp_echo_ignore_all=0",
    ),
    {
        what: "a pod whose link on the node is down",
        make: async (scene, at, random) => {
            const pod = await scene.pod(at, random);
            const address = pod.addresses["net1"]!;
            const routed = (await scene.on(at.node, `ip route show ${address}`)).trim();
            const [, device] = /dev (\S+)/.exec(routed)!;
            await scene.on(at.node, `ip link set ${device} down`);
            const undo = `ip link set ${device} up; ip route replace ${routed}`;
            return { undo: () => scene.on(at.node, undo) };
        },
    },
    {
        what: "a second pod with the same address, which gets its packets",
        make: async (scene, _, random) => {
            const at = await placeOfTwo(scene);
            const [one, other] = await scene.pods(at);
            const [a, b] = random.next() < 0.5 ? [one!, other!] : [other!, one!];
            const [address, taken] = [a.addresses["net1"]!, b.addresses["net1"]!];
            const before = (await scene.on(at.node, `ip route show ${address}`)).trim();
            const routed = await scene.on(at.node, `ip route show ${taken}`);
            const [, device] = /dev (\S+)/.exec(routed)!;
            await scene.inPod(at, b, `inside ip address add ${address}/32 dev net1`);
            await scene.on(at.node, `ip route replace ${address} dev ${device} scope host`);
            const undo = async () => {
                await scene.inPod(at, b, `inside ip address del ${address}/32 dev net1`);
                await scene.on(at.node, `ip route flush ${address}; ip route replace ${before}`);
            };
            return { undo, named: at.node };
        },
    },
    {
        what: "another pod that answers in a pod's place",
        make: async (scene) => {
            const at = await placeOfTwo(scene);
            const [one, other] = await scene.pods(at);
            const text = `-i eth0 -d ${one!.addresses["net1"]!} -j DNAT --to-destination ${other!.addresses["net1"]!}`;
            await scene.on(at.node, `iptables -w 5 -t nat -I PREROUTING 1 ${text}`);
            const undo = () => scene.on(at.node, `iptables -w 5 -t nat -D PREROUTING ${text}`);
            return { undo, named: at.node };
        },
    },
    {
        what: "a pod whose responder hangs",
        make: async (scene, at, random) => {
            const pod = await scene.pod(at, random);
            const all = (signal: string) => `
                for pid in $(ip netns pids "$namespace"); do
                    grep -q pause /proc/$pid/cmdline || kill -${signal} $pid
                done`;
            await scene.inPod(at, pod, all("STOP"));
            return { undo: () => scene.inPod(at, pod, all("CONT")), named: pod.name };
        },
    },
    {
        what: "a pod that cannot be made again: its plugin is gone",
        make: (scene, at, random) =>
            remade(scene, at, random, {
                before: () => scene.on(at.node, "mv /opt/cni/bin/ptp /run/ptp"),
                undo: () => scene.on(at.node, "mv /run/ptp /opt/cni/bin/ptp"),
            }),
    },
    {
        what: "a pod that was made again with another address than its node gives",
        make: (scene, at, random) => {
            const file = "/etc/cni/multus/net.d/multinet-data-plane.conflist";
            return remade(scene, at, random, {
                before: () =>
                    scene.on(
                        at.node,
                        `cp ${file} /run/conf; sed -i 's#${at.slice}#10.50.1.0/24#' ${file}`,
                    ),
                undo: () => scene.on(at.node, `cp /run/conf ${file}`),
            });
        },
    },
];

/** A node with two demo pods. */
async function placeOfTwo(scene: Scene): Promise<Place> {
    for (const place of scene.places) {
        if ((await scene.pods(place)).length > 1) {
            return place;
        }
    }
    throw new Error("no node has two demo pods");
}

/** Deletes a pod while something keeps the new one from being like it. */
async function remade(
    scene: Scene,
    at: Place,
    random: Random,
    { before, undo }: { before: () => Promise<unknown>; undo: () => Promise<unknown> },
): Promise<Made> {
    const { name, labels } = await scene.pod(at, random);
    await before();
    // By force: without its plugin a pod cannot be taken down either.
    await scene.kubectl(at.cluster, "delete", "pod", name, "--force", "--grace-period=0");
    const again = async () => {
        await undo();
        const selector = `multinet.dev/demo=${labels["multinet.dev/demo"]!}`;
        await scene.kubectl(at.cluster, "delete", "pod", "--selector", selector, "--wait=true");
    };
    // A pod that is not there has no node; its Deployment is named.
    return { undo: again, named: labels["multinet.dev/demo"]! };
}
