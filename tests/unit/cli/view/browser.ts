import type { Browser, Page } from "playwright-core";
import { chromium } from "playwright-core";
import { locate } from "../../../../cli/setup/onPath.ts";

const NAMES = [
    "chromium",
    "chromium-headless-shell",
    "chromium-browser",
    "google-chrome",
    "chrome",
];

/** The Chromium of this machine: `CHROMIUM`, else the first on PATH; undefined if there is none. */
export function chromiumHere(): string | undefined {
    return process.env["CHROMIUM"] || NAMES.map((name) => locate(name)).find(Boolean);
}

export function launch(executablePath: string): Promise<Browser> {
    // Its sandbox does not work for root, nor in many containers; what it shows is made here.
    return chromium.launch({ executablePath, args: ["--no-sandbox"], chromiumSandbox: false });
}

/** What a page did that it should not: requests to anywhere, and complaints. */
export function watch(page: Page): { requests: string[]; complaints: string[] } {
    const seen = { requests: [] as string[], complaints: [] as string[] };
    page.on("request", (request) => seen.requests.push(request.url()));
    page.on("pageerror", (error) => seen.complaints.push(error.message));
    page.on("console", (message) => seen.complaints.push(message.text()));
    return seen;
}
