/** Where progress is written: standard error, or a test's substitute. */
export interface ProgressStream {
    isTTY?: boolean | undefined;
    columns?: number | undefined;
    write(text: string): unknown;
}

/** Seconds between two signs of life where lines stay on the screen, and in CI, which ends what is silent for long. */
const SIGN_OF_LIFE = 20;
const SIGN_OF_LIFE_IN_CI = 300;

/**
 * Says what is going on: one line a step, with its number, how many there are and the time so far. On a terminal the
 * line is redrawn in place every second; elsewhere a step that takes long repeats it every 20 seconds. In CI, where nobody
 * watches but logs are read, there is just the line at a step's end, and a sign of life every 5 minutes.
 */
export class Progress {
    private readonly stream: ProgressStream;
    private readonly isCi: boolean;
    private readonly begin = Date.now();
    private total = 0;
    private number = 0;
    private step: { name: string; begin: number; status: string } | undefined;
    private timer: NodeJS.Timeout | undefined;
    private drawn = false;

    /** CI services set the variable `CI`. */
    constructor(stream: ProgressStream = process.stderr, ci = process.env["CI"]) {
        this.stream = stream;
        this.isCi = !stream.isTTY && !["", "0", "false"].includes(ci ?? "");
    }

    /** Announces this many more steps. */
    expect(steps: number): void {
        this.total += steps;
    }

    /** A line of its own, outside of any step. */
    note(text: string): void {
        this.line(text);
        if (this.step && this.stream.isTTY) {
            this.draw();
        }
    }

    /** Runs one step; `say` inside it tells what it does right now. */
    async during<T>(
        name: string,
        action: (say: (status: string) => void) => Promise<T>,
    ): Promise<T> {
        this.number++;
        this.step = { name, begin: Date.now(), status: "" };
        this.show();
        this.timer = setInterval(
            () => this.show("still working"),
            this.stream.isTTY ? 1000 : (this.isCi ? SIGN_OF_LIFE_IN_CI : SIGN_OF_LIFE) * 1000,
        );
        this.timer.unref();
        try {
            const result = await action((status) => this.say(status));
            this.end("done");
            return result;
        } catch (error) {
            this.end("FAILED");
            throw error;
        }
    }

    /** Seconds since this began, as text. */
    elapsed(): string {
        return duration(Date.now() - this.begin);
    }

    private say(status: string): void {
        if (!this.step || this.step.status === status) {
            return;
        }
        this.step.status = status;
        this.show();
    }

    private show(life = ""): void {
        if (this.stream.isTTY) {
            this.draw();
        } else if (this.step && (life || !this.isCi)) {
            this.line(this.text(life));
        }
    }

    private text(life: string): string {
        const { name, begin, status } = this.step!;
        const spent = Date.now() - begin;
        const time = spent < 1000 ? "" : ` (${duration(spent)})`;
        const what = [status, life].filter(Boolean).join(", ");
        return `[${this.number}/${Math.max(this.total, this.number)}] ${name}${what && `: ${what}`}${time}`;
    }

    private end(how: "done" | "FAILED"): void {
        clearInterval(this.timer);
        const { name, begin } = this.step!;
        const count = `[${this.number}/${Math.max(this.total, this.number)}]`;
        this.line(`${count} ${name}: ${how} in ${duration(Date.now() - begin)}`);
        this.step = undefined;
    }

    private draw(): void {
        const width = (this.stream.columns ?? 80) - 1;
        this.stream.write(`\r\x1b[K${this.text("").slice(0, width)}`);
        this.drawn = true;
    }

    private line(text: string): void {
        this.stream.write(`${this.drawn ? "\r\x1b[K" : ""}${text}\n`);
        this.drawn = false;
    }
}

/** Milliseconds as people say them: `0.3 s`, `42 s`, `3 min 05 s`. */
export function duration(milliseconds: number): string {
    const seconds = milliseconds / 1000;
    if (seconds < 10) {
        return `${seconds.toFixed(1)} s`;
    }
    if (seconds < 60) {
        return `${Math.round(seconds)} s`;
    }
    const whole = Math.round(seconds);
    return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
}
