import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { page as pageOf } from "../../../../cli/view/page.ts";
import { serve } from "../../../../cli/view/serve.ts";
import { temporaryDirectory } from "../../temporary.ts";
import { chromiumHere, launch, watch } from "./browser.ts";
import { cellsOf, measured, notUp, planOfClusters } from "./stackView.ts";

/** Where screenshots are kept, if anywhere. */
const PICTURES = process.env["MULTINET_SCREENSHOTS"];

describe("page in a browser", () => {
    const temporary = temporaryDirectory();
    let browser: Browser;

    before(async function () {
        const program = chromiumHere();
        if (program === undefined) {
            console.log("Skipped: no Chromium on PATH, nor at CHROMIUM.");
            this.skip();
        }
        browser = await launch(program);
    });
    after(() => browser?.close());

    async function open(text: string, options: { colorScheme?: "light" | "dark" } = {}) {
        const file = temporary("page.html");
        writeFileSync(file, text);
        const page = await browser.newPage({ viewport: { width: 1360, height: 900 }, ...options });
        const seen = watch(page);
        await page.goto(pathToFileURL(file).href);
        return { page, seen, url: pathToFileURL(file).href };
    }

    async function keepPicture(page: Page, name: string) {
        if (PICTURES) {
            mkdirSync(PICTURES, { recursive: true });
            await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true });
        }
    }

    for (const count of [1, 6]) {
        for (const colorScheme of ["light", "dark"] as const) {
            it(`shows ${count} clusters from a file, in ${colorScheme}, with no request and no complaint`, async () => {
                const plan = planOfClusters(count);
                const { page, seen, url } = await open(pageOf(measured(plan)), { colorScheme });
                await keepPicture(page, `${count}-clusters-${colorScheme}`);
                const { pairs, unique, free } = plan.reachability;
                assert.equal(
                    await page.locator("td[data-from]").count(),
                    pairs.length + unique.length + free.length,
                );
                assert.deepEqual(seen, { requests: [url], complaints: [] });
                await page.close();
            });
        }
    }

    it("keeps every text of the picture inside its box", async () => {
        for (const count of [1, 6, 8]) {
            const { page } = await open(pageOf(measured(planOfClusters(count))));
            assert.deepEqual(await page.evaluate(textsOutside), []);
            await page.close();
        }
    });

    it("shows addresses and routes of what is pointed at, or has the focus", async () => {
        const { page } = await open(pageOf(measured(planOfClusters(2))));
        const tip = page.getByRole("tooltip", { includeHidden: true });
        assert.equal(await tip.isVisible(), false);
        await page
            .locator(".node")
            .first()
            .hover({ position: { x: 60, y: 12 } });
        const text = await tip.innerText();
        assert.match(text, /10\.201\.0\.2/);
        assert.match(text, /data-plane: 10\.1\.1\.0\/24, gateway 10\.1\.1\.1/);
        assert.match(text, /Routes:\n {2}10\.\d+\.\d+\.0\/24 via /);
        await page.locator('[data-pod="edge2/demo1"]').focus();
        assert.match(await tip.innerText(), /net1 on data-plane: 10\.0\.1\.0/);
        await page.keyboard.press("Escape");
        assert.equal(await tip.isVisible(), false);
        await page.close();
    });

    it("walks through the matrix by arrow keys, past what is not asked", async () => {
        const plan = planOfClusters(2);
        const cells = cellsOf(plan, ({ from, to }) =>
            from === "edge1/demo2" && to === "edge1/demo1" ? { ok: false, seen: "timeout" } : {},
        );
        const { page } = await open(pageOf(measured(plan, cells)));
        const tip = page.getByRole("tooltip", { includeHidden: true });
        const first = page.locator("td[data-from]").first();
        await first.focus();
        assert.match(await tip.innerText(), /^edge1\/demo1 → edge1\/demo2/);
        await page.keyboard.press("ArrowDown"); // the square below asks nothing: the next one that does
        await page.keyboard.press("ArrowLeft");
        assert.match(await tip.innerText(), /^edge2\/demo1 → edge1\/demo1/);
        await page.locator('[data-from="edge1/demo2"][data-to="edge1/demo1"]').first().hover();
        assert.match(await tip.innerText(), /RED icmp: expected reply, seen timeout/);
        assert.equal(await page.locator(".pod.named").count(), 2);
        await page.close();
    });

    it("brings out one network, and the others fade", async () => {
        const { page } = await open(pageOf(notUp(planOfClusters(2))));
        await page.locator(".network").nth(1).hover();
        const faded = `document.querySelector('path.line[data-network="data-plane"]')`;
        await page.waitForFunction(`getComputedStyle(${faded}).opacity === "0.15"`);
        await page.close();
    });

    it("is refreshed in place while it is served", async () => {
        const plan = planOfClusters(2);
        let facts = notUp(plan);
        const stop = new AbortController();
        const ready = Promise.withResolvers<string>();
        const served = serve(async () => pageOf(facts, { isServed: true }), {
            port: 0,
            signal: stop.signal,
            onReady: ready.resolve,
            onFailure: assert.fail,
            pause: 50,
        });
        const page = await browser.newPage();
        const seen = watch(page);
        await page.goto(await ready.promise);
        await page.getByText("not up yet", { exact: true }).waitFor();
        facts = measured(plan);
        await page.locator(".badge.green").waitFor();
        stop.abort();
        await page.getByText("the server does not answer").waitFor();
        await served;
        assert.ok(seen.requests.every((url) => new URL(url).hostname === "127.0.0.1"));
        await page.close();
    });
});

/** In the browser: texts of the picture that leave the box that they are written in. */
function textsOutside(): string[] {
    interface Shape {
        textContent: string;
        getBoundingClientRect(): { left: number; right: number; top: number; bottom: number };
        parentNode: { querySelector(selector: string): Shape | null };
    }
    const { document } = globalThis as unknown as {
        document: { querySelectorAll(selector: string): Iterable<Shape> };
    };
    const texts = [...document.querySelectorAll(".topology :is(.node, .pod, .network) text")];
    return texts
        .filter((text) => {
            const inner = text.getBoundingClientRect();
            const box = text.parentNode.querySelector("rect");
            const outer = box?.getBoundingClientRect();
            return outer && (inner.left < outer.left || inner.right > outer.right);
        })
        .map((text) => text.textContent);
}
