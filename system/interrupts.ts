import { killRunning } from "./processGroup.ts";

/** `multinet.mjs` passes on with this what it was sent itself. */
const RELAYED = "SIGUSR2";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP", RELAYED] as const;

/** Milliseconds within which equal signals are one order: some senders signal a process and its group. */
const BURST = 300;

/** Milliseconds for one order to arrive on both ways: here, and by way of `multinet.mjs`. */
const TOGETHER = 1_000;

/** Milliseconds for a program in the foreground to end by itself after the second order. */
const GRACE = 10_000;

/** A program that has the terminal; it is in the process group that a terminal's signals go to. */
export interface Foreground {
    forward(signal: NodeJS.Signals): void;
    kill(): void;
}

/**
 * Orders to end: the first one ends things in good order, the second one ends them at once. A program in the foreground
 * judges that itself, and is killed if it is still there some seconds after the second order, or at the third.
 */
class Interrupts {
    private readonly abort = new AbortController();
    private readonly direct = new Orders();
    private readonly relayed = new Orders();
    private orders = 0;
    private current: Foreground | undefined;

    /** Aborted by the first order. */
    get signal(): AbortSignal {
        return this.abort.signal;
    }

    /** From now on orders to end are taken, instead of ending this process. */
    listen(): void {
        for (const signal of SIGNALS) {
            process.on(signal, () => this.receive(signal));
        }
    }

    /** Runs a program in the foreground. */
    async during<T>(program: Foreground, action: Promise<T>): Promise<T> {
        this.current = program;
        try {
            return await action;
        } finally {
            this.current = undefined;
        }
    }

    private receive(signal: NodeJS.Signals): void {
        (signal === RELAYED ? this.relayed : this.direct).receive();
        if (Math.max(this.direct.number, this.relayed.number) === this.orders) {
            return; // a part of the same order
        }
        this.orders++;
        this.abort.abort(new Error(`interrupted (${signal})`));
        if (this.orders > (this.current ? 2 : 1)) {
            this.endNow();
        }
        if (this.orders === 2) {
            setTimeout(() => this.endNow(), GRACE).unref();
        }
        setTimeout(() => this.passOn(signal, this.orders), TOGETHER).unref();
    }

    /**
     * Tells the program in the foreground what it did not get itself. What went to the whole process group came to this
     * process directly and through `multinet.mjs`: passing it on would be a second order.
     */
    private passOn(signal: NodeJS.Signals, order: number): void {
        const toAll = this.direct.number >= order && this.relayed.number >= order;
        // A terminal sends SIGINT to all of the group, even where this process was started without multinet.mjs.
        if (!toAll && signal !== "SIGINT") {
            this.current?.forward(signal === RELAYED ? "SIGTERM" : signal);
        }
    }

    private endNow(): void {
        this.current?.kill();
        killRunning();
        process.exit(130);
    }
}

/** Counts orders that come on one way. */
class Orders {
    number = 0;
    private last = -Infinity;

    receive(): void {
        const now = performance.now();
        if (now - this.last > BURST) {
            this.number++;
        }
        this.last = now;
    }
}

export const interrupts = new Interrupts();
