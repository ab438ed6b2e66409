/** Text that is HTML, or SVG, already. */
export class Markup {
    readonly text: string;

    constructor(text: string) {
        this.text = text;
    }
}

/** What may stand in a template: text is escaped, lists are joined, nothing at all is left out. */
export type Part = Markup | string | number | false | undefined | Part[];

/** Markup of a template, whose values cannot add elements or attributes: all text among them is escaped. */
export function html(fixed: TemplateStringsArray, ...parts: Part[]): Markup {
    return new Markup(
        fixed.map((text, i) => text + (i < parts.length ? written(parts[i]) : "")).join(""),
    );
}

function written(part: Part): string {
    if (part === undefined || part === false) {
        return "";
    }
    if (Array.isArray(part)) {
        return part.map(written).join("");
    }
    return part instanceof Markup ? part.text : escaped(String(part));
}

const ENTITIES: Record<string, string> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
};

/** For text and for attributes in quotes. Characters that no XML may have, or that turn the order of others, are replaced. */
function escaped(text: string): string {
    return text
        .toWellFormed()
        .replace(/[&<>"']/g, (character) => ENTITIES[character]!)
        .replace(/(?![\n\t])[\p{Cc}\u202a-\u202e\u2066-\u2069\ufffe\uffff]/gu, "\ufffd");
}
