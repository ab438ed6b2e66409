/** What is wrong with a value, and what to do about it; each one sentence or two. */
export interface Explanation {
    reason: string;
    fix: string;
}

/** One problem in the configuration of a stack. */
export interface Problem extends Explanation {
    /** Where, as one would write it behind the project's name: `clusters.edge1.nodes`. */
    key: string;
    /** What is there, as JSON text; `not set` if nothing is. */
    value: string;
}

/** Names of keys from the outside in; a number is a position in a list. */
export type Path = readonly (string | number)[];

/** What of a value, and of a key or a sentence that quotes one, a message shows, in characters. */
const SHOWN = 80;
const SHOWN_SENTENCE = 600;

export function problem(path: Path, value: unknown, { reason, fix }: Explanation): Problem {
    return { key: formatPath(path), value: JSON.stringify(value) ?? "not set", reason, fix };
}

/** One block of text that names every problem with its key, value, reason and fix. */
export function formatProblems(problems: readonly Problem[]): string {
    const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
    return [
        `The configuration of this stack has ${count}. Nothing was changed.`,
        ...problems.map(
            ({ key, value, reason, fix }, i) =>
                `${i + 1}. ${shown(key)}: ${shown(value, SHOWN)}\n` +
                `   Reason: ${shown(reason)}\n   Fix: ${shown(fix)}`,
        ),
    ].join("\n\n");
}

/** What stands for the value of a secret, as in Pulumi. */
const SECRET = "[secret]";

/** Texts that are shorter are part of too many words to be taken out of a sentence. */
const SHORTEST_SECRET = 4;

/** The same problems without any value of these sections, which hold secrets. */
export function withoutValues(
    problems: readonly Problem[],
    sections: ReadonlySet<string>,
): Problem[] {
    const heads = [...sections].map((section) => formatPath([section]));
    const isInside = (key: string) =>
        heads.some((head) => key.startsWith(head) && /^($|[.[])/.test(key.slice(head.length)));
    return problems.map(({ key, value, reason, fix }) => {
        if (!isInside(key)) {
            return { key, value, reason, fix };
        }
        const texts = textsOf(value).filter((text) => text.length >= SHORTEST_SECRET);
        const hide = (sentence: string) =>
            texts.reduce((hidden, text) => hidden.replaceAll(text, SECRET), sentence);
        return { key, value: SECRET, reason: hide(reason), fix: hide(fix) };
    });
}

/** Every text in a value that is written as JSON; keys are no secrets. */
function textsOf(json: string): string[] {
    const texts: string[] = [];
    try {
        JSON.parse(json, (_key, value: unknown) => {
            if (typeof value === "string") {
                texts.push(value);
            }
        });
    } catch {
        // it is not set
    }
    return texts;
}

/** The path syntax of `pulumi config set --path`. */
export function formatPath(path: Path): string {
    return path
        .map((part, i) => {
            if (typeof part === "number") {
                return `[${part}]`;
            }
            if (!/^[A-Za-z_][\w-]*$/.test(part)) {
                return `[${JSON.stringify(part)}]`;
            }
            return i === 0 ? part : `.${part}`;
        })
        .join("");
}

/** Cut, and without characters that a terminal acts on or that turn the order of what follows. */
function shown(text: string, most = SHOWN_SENTENCE): string {
    const cut = text.length > most ? `${text.slice(0, most)}…` : text;
    return cut.replace(
        /[\p{Cc}\p{Cf}]/gu,
        (character) => `\\u${character.codePointAt(0)!.toString(16).padStart(4, "0")}`,
    );
}

/** `a`, `a and b`, `a, b and c`, `a, b, c and 4 more`. */
export function enumerate(items: readonly string[]): string {
    const shown = items.length > 4 ? [...items.slice(0, 3), `${items.length - 3} more`] : items;
    return [shown.slice(0, -1).join(", "), ...shown.slice(-1)].filter((text) => text).join(" and ");
}

/** Names in quotes, enumerated. */
export function quoted(names: readonly string[]): string {
    return enumerate(names.map((name) => `"${name}"`));
}

/** `1 node`, `2 nodes`. */
export function plural(count: number, noun: string): string {
    return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** The candidate that was probably meant: few letters apart, whatever the case. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
    const allowed = Math.max(2, Math.floor(word.length / 3));
    return candidates
        .map((candidate) => ({
            candidate,
            apart: distance(word.toLowerCase(), candidate.toLowerCase()),
        }))
        .filter(({ candidate, apart }) => apart <= allowed && apart < candidate.length)
        .sort((a, b) => a.apart - b.apart)[0]?.candidate;
}

/** Levenshtein distance: letters to insert, remove or replace. */
function distance(a: string, b: string): number {
    let row = Array.from({ length: b.length + 1 }, (_, j) => j);
    for (const [i, letter] of [...a].entries()) {
        const next = [i + 1];
        for (let j = 1; j <= b.length; j++) {
            const replaced = row[j - 1]! + (letter === b[j - 1] ? 0 : 1);
            next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
        }
        row = next;
    }
    return row[b.length]!;
}

/** Whether a value can have keys or positions. */
export function isParent(value: unknown): value is Record<string | number, unknown> {
    return typeof value === "object" && value !== null;
}
