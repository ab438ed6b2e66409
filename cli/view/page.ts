import { createHash } from "node:crypto";
import { plural } from "../../plan/problem.ts";
import { SCRIPT, STYLE, TOPOLOGY_STYLE } from "./assets.ts";
import { heatMaps } from "./heatMap.ts";
import { html, Markup } from "./html.ts";
import { LEGEND, matrixHtml } from "./matrixHtml.ts";
import { nodeViews, standingOf, type Facts, type NodeView } from "./model.ts";
import type { Update } from "../state/history.ts";
import { topologySvg } from "./topologySvg.ts";

/** The page allows just this, by its hash. */
const CODE = new Markup(`<script>${SCRIPT}</script>`);

/** One page that needs nothing else: no file, no network. `isServed` makes it look for newer versions of itself. */
export function page(facts: Facts, { isServed = false } = {}): string {
    const { plan } = facts;
    const hash = createHash("sha256").update(SCRIPT).digest("base64");
    // Whatever got past the escaping could neither run nor load anything.
    const policy = `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${hash}'; connect-src 'self'; img-src data:`;
    return html`<!doctype html>
        <html lang="en">
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta http-equiv="Content-Security-Policy" content="${policy}" />
                <link rel="icon" href="data:," />
                <title>${`${plan.stack} · multinet`}</title>
                <style>
                    ${new Markup(TOPOLOGY_STYLE + STYLE)}
                </style>
            </head>
            <body class="${isServed && "served"}">
                <main>
                    ${header(facts)}
                    ${section("Topology", html`<div class="card picture">${topologySvg(facts)}</div>`)}
                    ${section("Reachability", reachability(facts))}
                    ${section("Drift", drift(facts))} ${section("Nodes", nodeTable(facts))}
                </main>
                <div id="tip" role="tooltip" hidden></div>
                ${CODE}
            </body>
        </html>`.text;
}

function section(title: string, content: Markup): Markup {
    const id = title.toLowerCase();
    return html`<section aria-labelledby="${id}">
        <h2 id="${id}">${title}</h2>
        ${content}
    </section>`;
}

function header(facts: Facts): Markup {
    const { plan, notes, at } = facts;
    const standing = standingOf(facts);
    const red = (facts.live?.cells ?? facts.recorded?.red ?? []).filter(({ ok }) => !ok).length;
    const badge = {
        planned: html`<span class="badge open">not up yet</span>`,
        recorded: html`<span class="badge ${red > 0 ? "red" : "green"}"
            >${red > 0 ? `× ${red} red` : "green"} at the last update</span
        >`,
        measured: html`<span class="badge ${red > 0 ? "red" : "green"}"
            >${red > 0 ? `× ${red} red` : "green"}</span
        >`,
    }[standing];
    return html`<header>
        <h1>${plan.stack} ${badge}</h1>
        <p class="quiet">
            <time datetime="${at.toISOString()}">${moment(at)}</time><span id="live"></span>
        </p>
        ${
            notes.length > 0 &&
            html`<ul class="notes">
                ${notes.map((note) => html`<li>${note}</li>`)}
            </ul>`
        }
    </header>`;
}

function reachability(facts: Facts): Markup {
    const { live, recorded } = facts;
    const maps = heatMaps(facts);
    const said = {
        measured: "Measured from inside the pods, just now.",
        recorded:
            "As the last update recorded it: what is green was as expected then, and the addresses that were seen are not kept.",
        planned: "What is expected. Nothing was measured, as the stack is not up.",
    }[standingOf(facts)];
    const scope = recorded?.matrix.scope ?? facts.plan.reachability.scope;
    const faults = live?.faults ?? recorded?.red.map(faultOf) ?? [];
    return html`<p class="quiet">${said}${scope && ` Scope: ${scope}.`}</p>
        ${faults.length > 0 && faultList(faults)}
        <div class="matrices">${maps.map(matrixHtml)}</div>
        ${maps.length > 0 && LEGEND}`;
}

/** Faults that are listed at once. */
const LISTED = 8;

function faultList(faults: string[]): Markup {
    const list = (some: string[]) =>
        html`<ul>
            ${some.map((fault) => html`<li>${fault}</li>`)}
        </ul>`;
    const more = faults.slice(LISTED);
    return html`<div class="card faults">
        <h3>× ${plural(faults.length, "cell")} not green</h3>
        ${list(faults.slice(0, LISTED))}
        ${
            more.length > 0 &&
            html`<details>
                <summary>${more.length} more</summary>
                ${list(more)}
            </details>`
        }
    </div>`;
}

function faultOf({
    from,
    to,
    network,
    protocol,
    expected,
    seen,
}: NonNullable<Facts["recorded"]>["red"][number]) {
    return `${from} → ${to}, ${protocol} on ${network}: expected ${expected}, seen ${seen}`;
}

function drift({ healings, update, recorded }: Facts): Markup {
    const healed =
        healings.length === 0
            ? html`<p class="quiet">
                  ${recorded ? "No Event of a node's agent: nothing had to be put right in the last hour, or none could be read." : "Nothing is there that could drift."}
              </p>`
            : html`<div class="card scroll">
                  <table class="plain">
                      <thead>
                          <tr>
                              <th scope="col">when (UTC)</th>
                              <th scope="col">node</th>
                              <th scope="col">what drifted</th>
                              <th scope="col">healed by</th>
                          </tr>
                      </thead>
                      <tbody>
                          ${healings.map(
                              ({ at, node, by, what }) =>
                                  html`<tr>
                                      <td class="mono">${at.replace("T", " ").replace("Z", "")}</td>
                                      <td>${node}</td>
                                      <td>${what}</td>
                                      <td>${by}</td>
                                  </tr>`,
                          )}
                      </tbody>
                  </table>
              </div>`;
    return html`${healed}${update && lastUpdate(update)}`;
}

function lastUpdate({ kind, result, startTime, endTime, resourceChanges }: Update): Markup {
    const { same = 0, ...others } = resourceChanges ?? {};
    const done = Object.entries(others).filter(([, count]) => count > 0);
    const words = done.map(([what, count]) => `${what} ${count}`).join(", ") || "nothing changed";
    const end = moment(new Date(endTime * 1000));
    return html`<p class="quiet">
        Last Pulumi ${kind}: ${result}, ${end}, in ${endTime - startTime} s: ${words}; ${same}
        unchanged.
    </p>`;
}

function nodeTable(facts: Facts): Markup {
    const networks = facts.plan.networks.map(({ name }) => name);
    return html`<div class="card scroll">
        <table class="plain">
            <thead>
                <tr>
                    <th scope="col">node</th>
                    <th scope="col">address</th>
                    ${networks.map((name) => html`<th scope="col">${name}</th>`)}
                    <th scope="col">routes</th>
                </tr>
            </thead>
            ${[...nodeViews(facts).values()].map(
                (nodes) =>
                    html`<tbody>
                        ${nodes.map((node) => nodeRow(node, networks))}
                    </tbody>`,
            )}
        </table>
    </div>`;
}

function nodeRow({ name, address, parts, routes }: NodeView, networks: string[]): Markup {
    const listed = routes.map(
        ({ dst, via, network }) =>
            html`<li>${dst} via ${via} <span class="quiet">${network}</span></li>`,
    );
    return html`<tr>
        <th scope="row">${name}</th>
        <td class="mono">${address ?? "–"}</td>
        ${networks.map((network) => html`<td class="mono">${partOf(parts.find((part) => part.network === network))}</td>`)}
        <td>
            ${
                routes.length === 0
                    ? "–"
                    : html`<details>
                          <summary>${plural(routes.length, "route")}</summary>
                          <ul class="mono">
                              ${listed}
                          </ul>
                      </details>`
            }
        </td>
    </tr>`;
}

function partOf(part: NodeView["parts"][number] | undefined): string {
    return part === undefined ? "" : (part.part ?? "joined");
}

function moment(at: Date): string {
    return `${at.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}
