import { typeOf } from "../../plan/networks/types.ts";
import type { ClusterPlan, NetworkPlan, Plan } from "../../plan/plan.ts";
import { plural } from "../../plan/problem.ts";
import { html, type Markup } from "./html.ts";
import { layout, type Layout } from "./layout.ts";
import { nodeViews, standingOf, type Facts, type NodeView, type PodView } from "./model.ts";
import type { ClusterBox, NodeBox } from "./placing.ts";
import type { Box, Scenery } from "./scenery.ts";
import { networkTip, nodeTip, podTip, times } from "./tips.ts";

/** How many colours topology.css has for networks. */
const COLOURS = 8;

/** Average width of a letter, as a part of the font's size. */
const LETTER = { sans: 0.61, bold: 0.68, mono: 0.615 };

/** The picture of a stack. `style` makes it one that stands alone. */
export function topologySvg(facts: Facts, style?: string): Markup {
    const { plan } = facts;
    const at = layout(sceneryOf(plan));
    const nodes = nodeViews(facts);
    const networks = new Map(plan.networks.map((network, i) => [network.name, i]));
    const colour = (network: string) => `n${networks.get(network)! % COLOURS}`;
    return html`<svg
        xmlns="http://www.w3.org/2000/svg"
        class="topology"
        viewBox="0 0 ${at.width} ${at.height}"
        width="${at.width}"
        height="${at.height}"
        role="group"
        aria-labelledby="topology-title"
        aria-describedby="topology-about"
    >
        <title id="topology-title">${`Topology of the stack ${plan.stack}`}</title>
        <desc id="topology-about">${about(facts)}</desc>
        ${
            style !== undefined &&
            html`<style>
                    ${style}</style
                ><rect class="paper" width="${at.width}" height="${at.height}" />`
        }
        ${caption(facts, at.caption)} ${backplane(plan, at, colour)}
        ${at.clusters.map((box, i) => html`<rect class="cluster" ${area(box.box)} rx="12"><title>${clusterTip(plan.clusters[i]!)}</title></rect>`)}
        ${at.lines.map(({ network, x1, y1, x2, y2 }) => html`<path class="line ${colour(network)}" data-network="${network}" d="M${x1} ${y1}L${x2} ${y2}" />`)}
        ${at.dots.map(({ network, x, y }) => html`<circle class="dot ${colour(network)}" data-network="${network}" cx="${x}" cy="${y}" r="3.5" />`)}
        ${at.clusters.map((box, i) => cluster(plan.clusters[i]!, box, nodes.get(box.name)!, colour))}
    </svg>`;
}

type Colour = (network: string) => string;

export function sceneryOf({ networks, clusters }: Plan): Scenery {
    return {
        networks: networks.map((network) => ({
            name: network.name,
            reach: typeOf(network).reach,
        })),
        clusters: clusters.map(({ name, networks, nodes, demos }) => ({
            name,
            networks: networks.map(({ network }) => network),
            nodes: nodes.map((node) => ({
                name: node.name,
                pods: demos.filter((demo) => demo.node === node.name).map((demo) => demo.name),
            })),
        })),
    };
}

function about({ plan }: Facts): string {
    const { clusters, networks, bridge } = plan;
    const names = clusters.map(
        ({ name, nodes, demos }) =>
            `${name} with ${plural(nodes.length, "node")} and ${plural(demos.length, "pod")}`,
    );
    const joins = networks.map(
        ({ name, cidr, clusters }) => `${name} (${cidr}) in ${clusters.join(", ")}`,
    );
    return `Clusters on ${bridge.subnet}: ${names.join("; ")}. Networks: ${joins.join("; ")}.`;
}

/** What the picture as a whole says, at its top left. */
function caption(facts: Facts, box: Box): Markup {
    const { plan } = facts;
    const { clusters } = plan;
    const nodes = clusters.flatMap(({ nodes }) => nodes).length;
    const pods = clusters.flatMap(({ demos }) => demos).length;
    const counts = [plural(clusters.length, "cluster"), plural(nodes, "node"), plural(pods, "pod")];
    const standing = {
        measured: "measured",
        recorded: "as recorded",
        planned: "planned, not up yet",
    };
    const lines = [counts.join(", "), standing[standingOf(facts)]];
    return html`<g class="caption">
        <text class="heading" x="${box.x + 14}" y="${box.y + 34}"
            >${fit(plan.stack, box.width - 28, 22)}</text
        >
        ${lines.map((line, i) => html`<text class="quiet" x="${box.x + 14}" y="${box.y + 60 + i * 19}">${line}</text>`)}
    </g>`;
}

function backplane(plan: Plan, at: Layout, colour: Colour): Markup {
    const { bridge, networks } = plan;
    const { x, y, width } = at.title;
    return html`<g class="backplane"
        ><rect class="bridge" ${area(at.backplane)} rx="10"
            ><title>
                ${`${bridge.name}: ${bridge.subnet}\nthe docker network that all nodes share\ngateway ${bridge.gateway}`}
            </title></rect
        >
        <text class="strong" x="${x}" y="${y + 14}">${fit(bridge.name, width, 12)}</text>
        <text class="mono quiet" x="${x}" y="${y + 28}">${bridge.subnet}</text>
        ${at.rails.map(({ label }, i) => railLabel(networks[i]!, label, colour))}
    </g>`;
}

function railLabel(network: NetworkPlan, { x, y, width, height }: Box, colour: Colour): Markup {
    const { name, cidr } = network;
    const isJoined = typeOf(network).reach === "stack";
    const range = cidr.length * 11 * LETTER.mono;
    const dot = isJoined ? "M0 0h14" : "M0 0h5m4 0h5";
    return html`<g class="network" data-network="${name}" tabindex="0" role="img"
        ><title>${networkTip(network)}</title>
        <rect class="hit" ${area({ x: x - 6, y, width: width + 6, height })} rx="6" />
        <path
            class="line ${colour(name)}"
            transform="translate(${x} ${y + height / 2})"
            d="${dot}"
        />
        <text class="strong" x="${x + 20}" y="${y + height / 2 + 4}"
            >${fit(name, width - 28 - range - 8, 12)}</text
        >
        <text class="mono quiet" x="${x + width - 8}" y="${y + height / 2 + 4}" text-anchor="end"
            >${cidr}</text
        ></g
    >`;
}

function clusterTip({ name, primary, podSubnet, serviceSubnet, memory }: ClusterPlan): string {
    return [
        name,
        `own network: ${primary}`,
        `pods ${podSubnet}, services ${serviceSubnet}`,
        `memory of each node: ${memory}`,
    ].join("\n");
}

function cluster(plan: ClusterPlan, at: ClusterBox, nodes: NodeView[], colour: Colour): Markup {
    const { x, y, width } = at.header;
    const own = `${plan.primary} ${plan.podSubnet}`;
    return html`<g class="cluster-text" tabindex="0" role="img"
            ><title>${clusterTip(plan)}</title>
            <rect class="hit" ${area(at.header)} rx="6" />
            <text class="name" x="${x + 2}" y="${y + 14}">${fit(plan.name, width, 15)}</text>
            <text class="mono quiet" x="${x + 2}" y="${y + 29}">${own}</text></g
        >
        ${at.columns.flat().map((box) =>
            node(
                nodes.find(({ name }) => name === box.name)!,
                box,
                colour,
            ),
        )}`;
}

function node(view: NodeView, at: NodeBox, colour: Colour): Markup {
    const { x, y, width } = at.header;
    const healed = view.healed > 0 ? `↻ ${view.healed}` : "";
    return html`<g class="node" tabindex="0" role="img"
            ><title>${nodeTip(view)}</title>
            <rect class="box" ${area(at.box)} rx="8" />
            <text class="strong" x="${x}" y="${y + 13}">${fit(view.short, width - 40, 12)}</text>
            ${healed && html`<text class="healed" x="${x + width}" y="${y + 13}" text-anchor="end" aria-label="${`healed ${times(view.healed)}`}">${healed}</text>`}
            <text class="mono quiet" x="${x}" y="${y + 28}"
                >${view.address ?? "no address yet"}</text
            >
            ${at.rows.map(({ network, box }, i) => row(network, view.parts[i]!.part, box, colour))}
        </g>
        ${at.pods.map(({ name, box }) =>
            pod(
                view.pods.find((one) => one.name === name)!,
                box,
                colour,
            ),
        )}`;
}

/** A network on a node. */
function row(
    network: string,
    part: string | undefined,
    { x, y, width }: Box,
    colour: Colour,
): Markup {
    const text = part ?? "";
    const range = text.length * 11 * LETTER.mono;
    return html`<g data-network="${network}"
        ><circle class="dot ${colour(network)}" cx="${x + 4}" cy="${y + 9}" r="3.5" />
        <text class="small" x="${x + 13}" y="${y + 13}"
            >${fit(network, width - 13 - range - 8, 11, "sans")}</text
        >
        <text class="mono" x="${x + width}" y="${y + 13}" text-anchor="end">${text}</text></g
    >`;
}

/** Networks that a pod shows as dots. */
const MOST_DOTS = 5;

function pod(view: PodView, box: Box, colour: Colour): Markup {
    const { x, y, width, height } = box;
    const dots = view.networks.slice(0, MOST_DOTS);
    const room = width - 16 - dots.length * 8 - (view.red > 0 ? 10 : 0);
    return html`<g
        class="pod ${view.red > 0 ? "bad" : ""}"
        data-pod="${view.key}"
        tabindex="0"
        role="img"
        ><title>${podTip(view)}</title>
        <rect class="box" ${area(box)} rx="${height / 2}" />
        <text class="small" x="${x + 10}" y="${y + 15}"
            >${view.red > 0 ? "× " : ""}${fit(view.name, room, 11, "sans")}</text
        >
        ${dots.map(({ network }, i) => html`<circle class="dot ${colour(network)}" data-network="${network}" cx="${x + width - 9 - (dots.length - 1 - i) * 8}" cy="${y + height / 2}" r="3" />`)}</g
    >`;
}

function area({ x, y, width, height }: Box): Markup {
    return html`x="${x}" y="${y}" width="${width}" height="${height}"`;
}

/** The text, or its beginning if it is too long for a width. */
function fit(text: string, width: number, size: number, face: "sans" | "bold" = "bold"): string {
    const most = Math.max(1, Math.floor(width / (size * LETTER[face])));
    return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
