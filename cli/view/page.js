// @ts-nocheck It runs in a browser, inside the page.
(() => {
    const tip = document.getElementById("tip");
    const GAP = 14;

    // Browsers show titles late, and only to a mouse; they stay where there is no script.
    function takeTitles() {
        for (const title of document.querySelectorAll("svg title")) {
            const text = title.textContent.trim();
            title.parentNode.setAttribute("aria-label", text);
            if (title.parentNode.tagName !== "svg") {
                title.parentNode.dataset.tip = text;
            }
            title.remove();
        }
        for (const one of document.querySelectorAll("[title]")) {
            one.setAttribute("aria-label", one.title);
            one.dataset.tip = one.title;
            one.removeAttribute("title");
        }
        for (const grid of document.querySelectorAll("[role=grid]")) {
            grid.querySelector("[role=gridcell]")?.setAttribute("tabindex", "0");
        }
    }

    function show(target, x, y) {
        tip.textContent = target.dataset.tip;
        tip.hidden = false;
        const { width, height } = tip.getBoundingClientRect();
        const left = x + GAP + width > innerWidth ? x - GAP - width : x + GAP;
        const top = y + GAP + height > innerHeight ? y - GAP - height : y + GAP;
        tip.style.left = `${Math.max(8, left)}px`;
        tip.style.top = `${Math.max(8, top)}px`;
        choose(target);
    }

    function hide() {
        tip.hidden = true;
        choose(undefined);
    }

    /** Brings out what belongs to a network, or the two pods of a square. */
    function choose(target) {
        const svg = document.querySelector(".topology");
        const network = target?.closest(".network")?.dataset.network;
        svg.classList.toggle("one", network !== undefined);
        for (const one of svg.querySelectorAll("[data-network]")) {
            one.classList.toggle("chosen", one.dataset.network === network);
        }
        const pods = [target?.dataset.from, target?.dataset.to];
        for (const pod of svg.querySelectorAll("[data-pod]")) {
            pod.classList.toggle("named", pods.includes(pod.dataset.pod));
        }
    }

    const ofEvent = (event) => event.target.closest?.("[data-tip]");
    document.addEventListener("mousemove", (event) => {
        const target = ofEvent(event);
        return target ? show(target, event.clientX, event.clientY) : hide();
    });
    document.addEventListener("focusin", (event) => {
        const target = ofEvent(event);
        if (target) {
            const { right, bottom } = target.getBoundingClientRect();
            show(target, right - GAP, bottom - GAP);
        }
    });
    document.addEventListener("focusout", hide);
    document.addEventListener("keydown", (event) => {
        if (event.key === "Escape") {
            hide();
        }
        const cell = event.target.closest?.("[role=gridcell]");
        const next = cell && neighbour(cell, event.key);
        if (next) {
            event.preventDefault();
            cell.tabIndex = -1;
            next.tabIndex = 0;
            next.focus();
        }
    });

    /** The next square in the direction of an arrow key. */
    function neighbour(cell, key) {
        const step = {
            ArrowLeft: [0, -1],
            ArrowRight: [0, 1],
            ArrowUp: [-1, 0],
            ArrowDown: [1, 0],
        }[key];
        if (!step) {
            return undefined;
        }
        const rows = [...cell.closest("table").querySelectorAll("tbody tr")];
        let row = rows.indexOf(cell.parentNode);
        let column = cell.cellIndex;
        for (;;) {
            row += step[0];
            column += step[1];
            const found = rows[row]?.cells[column];
            if (!found || found.getAttribute("role") === "gridcell") {
                return found;
            }
            if (found.tagName === "TH") {
                return undefined;
            }
        }
    }

    /** Puts the content of a newer page in place of this one's. */
    async function refresh() {
        const text = await (await fetch(location.href)).text();
        const newer = new DOMParser().parseFromString(text, "text/html");
        const open = [...document.querySelectorAll("details")].map((one) => one.open);
        hide();
        document.querySelector("main").replaceWith(newer.querySelector("main"));
        document.querySelectorAll("details").forEach((one, i) => (one.open = open[i]));
        takeTitles();
        live("live");
    }

    function live(text) {
        document.getElementById("live").textContent = text;
    }

    takeTitles();
    if (document.body.classList.contains("served")) {
        live("live");
        const events = new EventSource("events");
        events.onmessage = () => refresh().catch(() => live("the server does not answer"));
        events.onerror = () => live("the server does not answer");
    }
})();
