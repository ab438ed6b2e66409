import type { z } from "zod";
import { NETWORK_TYPES, sectionOf } from "../networks/types.ts";
import { PRIMARY_TYPES } from "../primaries/types.ts";
import { textOf } from "./key.ts";
import * as schema from "./schema.ts";

type Shape = z.core.$ZodLooseShape;

/** One row of a table of keys. */
interface Row {
    key: string;
    text: string;
    otherwise: string;
}

/** The tables of docs/configuration.md, by the name of their place there. */
export function documentation(): Record<string, string> {
    return {
        clusters: keyTable(schema.clusterSchema().shape),
        ...Object.fromEntries(
            PRIMARY_TYPES.flatMap(({ name, keys }) => (keys ? [[name, keyTable(keys)]] : [])),
        ),
        types: table(
            ["`type`", "what it is", "between clusters"],
            NETWORK_TYPES.map(({ name, text }) => [`\`${name}\``, text.is, text.between]),
        ),
        networks: networkTable(),
        addresses: keyTable(schema.addressesSchema.shape),
        bridge: keyTable(schema.bridgeSchema.shape),
        demo: keyTable(schema.demoSchema.shape),
        images: keyTable(schema.imagesSchema.shape),
    };
}

/** The same document with today's tables between the marks `<!-- keys: NAME -->` and `<!-- end -->`. */
export function withTables(document: string): string {
    const tables = documentation();
    return document.replaceAll(
        /(<!-- keys: (\w+) -->\n)[\s\S]*?(<!-- end -->)/g,
        (_, start: string, name: string, end: string) => `${start}\n${tables[name]}\n\n${end}`,
    );
}

function keyTable(shape: Shape): string {
    return table(
        ["key", "meaning", "default"],
        rowsOf(shape).map(({ key, text, otherwise }) => [`\`${key}\``, text, otherwise]),
    );
}

/** A key that types declare differently has a row for each text. */
function networkTable(): string {
    const all = NETWORK_TYPES.flatMap((type) =>
        rowsOf(sectionOf(type).shape)
            .filter(({ key }) => key !== "type")
            .map((row) => ({ ...row, type: type.name })),
    );
    const byKey = Map.groupBy(all, ({ key }) => key);
    const rows = [...byKey.values()].flatMap((ofKey) => {
        const byText = Map.groupBy(ofKey, ({ text, otherwise }) => `${text} ${otherwise}`);
        return [...byText.values()];
    });
    return table(
        ["key", "types", "meaning", "default"],
        rows.map((same) => {
            const { key, text, otherwise } = same[0]!;
            const types =
                same.length === NETWORK_TYPES.length
                    ? "all"
                    : same.map(({ type }) => `\`${type}\``).join(", ");
            return [`\`${key}\``, types, text, otherwise];
        }),
    );
}

function rowsOf(shape: Shape): Row[] {
    return Object.entries(shape).map(([key, type]) => {
        const { text = "", otherwise } = textOf(type as z.ZodType) ?? {};
        return { key, text, otherwise: otherwise ?? defaultOf(type as z.ZodType) };
    });
}

function defaultOf(type: z.ZodType): string {
    const { data } = type.safeParse(undefined);
    return data === undefined
        ? ""
        : typeof data === "string"
          ? `\`${data}\``
          : JSON.stringify(data);
}

function table(head: string[], rows: string[][]): string {
    const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
    return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
