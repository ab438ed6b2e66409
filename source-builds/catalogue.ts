import { createHash } from "node:crypto";
import type { Piece } from "./piece.ts";

/** All pieces that there are, by name. */
export class Catalogue {
    private readonly pieces: Map<string, Piece>;
    private readonly keys = new Map<string, string>();

    constructor(pieces: Piece[]) {
        this.pieces = new Map(pieces.map((piece) => [piece.name, piece]));
    }

    get(name: string): Piece {
        const piece = this.pieces.get(name);
        if (!piece) {
            throw new Error(`There is no piece "${name}".`);
        }
        return piece;
    }

    /**
     * Name of a piece's directory: name, version and a hash of its recipe and of the keys of all that it needs. So a
     * changed recipe makes the piece again, with everything made from it, and never overwrites another one.
     */
    key(name: string): string {
        const known = this.keys.get(name);
        if (known) {
            return known;
        }
        const piece = this.get(name);
        const parts = [...piece.recipe(), ...piece.needs.map((need) => this.key(need))];
        const hash = createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 12);
        const key = `${name}-${piece.version}-${hash}`;
        this.keys.set(name, key);
        return key;
    }

    /** The named pieces and all that they need, each after what it needs. */
    inOrder(names: string[]): Piece[] {
        const ordered = new Set<Piece>();
        const visit = (name: string, path: string[]) => {
            if (path.includes(name)) {
                throw new Error(`Pieces need each other: ${[...path, name].join(" -> ")}.`);
            }
            const piece = this.get(name);
            for (const need of piece.needs) {
                visit(need, [...path, name]);
            }
            ordered.add(piece);
        };
        for (const name of names) {
            visit(name, []);
        }
        return [...ordered];
    }
}
