import { plural } from "../../plan/problem.ts";
import type { HeatMap, Square, Verdict } from "./heatMap.ts";
import { html, type Markup } from "./html.ts";
import { squareTip } from "./tips.ts";

/** What stands in a square besides its colour. */
const SIGNS: Record<Verdict, string> = { green: "", red: "×", flapping: "~", open: "·" };

/** The legend of all heat maps. */
export const LEGEND: Markup = html`<p class="legend">
    ${(["green", "red", "flapping", "open"] as const).map((verdict) => html`<span><i class="square ${verdict}">${SIGNS[verdict]}</i>${{ green: "as expected", red: "red: not as expected", flapping: "flapping: packets get lost", open: "not measured" }[verdict]}</span>`)}
    <span><i class="square none"></i>nothing is asked</span>
</p>`;

/** The matrix of a network as a table: who asks is on the left, who is asked is above. */
export function matrixHtml(map: HeatMap): Markup {
    const clusters = [...Map.groupBy(map.pods, (pod) => split(pod)[0])];
    const hasFree = map.free.some((one) => one !== undefined);
    return html`<figure class="matrix">
        <figcaption><b>${map.network}</b> <span>${countsOf(map)}</span></figcaption>
        <div class="scroll">
            <table role="grid" aria-label="${`Matrix of ${map.network}`}">
                <thead>
                    <tr>
                        <td class="corner">asks ↓ whom →</td>
                        ${clusters.map(([name, pods]) => pods.map((pod, i) => columnHead(i === 0 ? name : "", split(pod)[1])))}
                        ${hasFree && columnHead("free", "address")}
                    </tr>
                </thead>
                ${clusters.map(
                    ([name, pods]) =>
                        html`<tbody>
                            ${pods.map((pod, i) => row(map, pod, i === 0 ? name : "", hasFree))}
                        </tbody>`,
                )}
            </table>
        </div>
    </figure>`;
}

/** Only the first pod of a cluster has its name. */
function columnHead(cluster: string, demo: string): Markup {
    return html`<th scope="col" class="${cluster && "first"}">
        <span><b>${cluster}</b> ${demo}</span>
    </th>`;
}

function row(
    { pods, squares, free }: HeatMap,
    pod: string,
    cluster: string,
    hasFree: boolean,
): Markup {
    const i = pods.indexOf(pod);
    const begins = (k: number) => k === 0 || split(pods[k - 1]!)[0] !== split(pods[k]!)[0];
    return html`<tr>
        <th scope="row"><b>${cluster}</b> ${split(pod)[1]}</th>
        ${squares[i]!.map((square, k) => cell(square, begins(k)))} ${hasFree && cell(free[i], true)}
    </tr>`;
}

function cell(square: Square | undefined, isFirst: boolean): Markup {
    const first = isFirst && "first";
    if (!square) {
        return html`<td class="${first}"><i class="square none"></i></td>`;
    }
    const { from, to, verdict } = square;
    return html`<td
        class="${first}"
        role="gridcell"
        tabindex="-1"
        data-from="${from}"
        data-to="${to}"
        title="${squareTip(square)}"
    >
        <i class="square ${verdict}">${SIGNS[verdict]}</i>
    </td>`;
}

function countsOf({ counts }: HeatMap): string {
    const { green, red, flapping, open } = counts;
    const all = green + red + flapping + open;
    if (open === all) {
        return `${plural(all, "cell")}, not measured`;
    }
    return [
        `${green} of ${plural(all, "cell")} green`,
        ...(red > 0 ? [`${red} red`] : []),
        ...(flapping > 0 ? [`${flapping} flapping`] : []),
        ...(open > 0 ? [`${open} not measured`] : []),
    ].join(", ");
}

/** Cluster and demo. */
function split(pod: string): [string, string] {
    const slash = pod.indexOf("/");
    return [pod.slice(0, slash), pod.slice(slash + 1)];
}
