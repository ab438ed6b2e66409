import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
    chmodSync,
    chownSync,
    mkdirSync,
    readFileSync,
    readdirSync,
    statSync,
    symlinkSync,
    writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { cacheRoot } from "../../../system/cache.ts";
import { claimCache, ENTRIES, isEntry, MARKER } from "../../../system/cachePlace.mjs";
import { PROJECT } from "../../../cli/project.ts";
import { temporaryDirectory } from "../temporary.ts";

const isRoot = process.getuid?.() === 0;
const mode = (path: string) => statSync(path).mode & 0o7777;
const look = (path: string) => ({ mode: mode(path), names: readdirSync(path).sort() });

describe("place of the cache", () => {
    const temporary = temporaryDirectory();
    const claim = (path: string, env: NodeJS.ProcessEnv = { MULTINET_CACHE: path }) =>
        claimCache(path, env);

    /** Runs a command with this cache; whatever happens, the machine is as before afterwards. */
    const command = (name: string, place: string) => {
        const before = mode(place);
        const env = { ...process.env, MULTINET_CACHE: place };
        const program = join(PROJECT, "multinet.mjs");
        const result = spawnSync(process.execPath, [program, name], { env, encoding: "utf8" });
        const after = mode(place);
        if (after !== before) {
            chmodSync(place, before);
        }
        return { ...result, unchanged: before === after };
    };

    for (const place of ["/", "/tmp", "/var/tmp", homedir(), "/dev/shm"]) {
        it(`is never ${place}`, () => {
            const names = readdirSync(place).filter((name) => name === MARKER || isEntry(name));
            const { status, stderr, unchanged } = command("stop", place);
            assert.ok(unchanged);
            assert.equal(status, 1);
            assert.ok(stderr.startsWith(`${place} cannot be the cache of multinet: it is `));
            assert.match(stderr, /Nothing in it was changed\..*for example MULTINET_CACHE=\/\S/s);
            const after = readdirSync(place).filter((name) => name === MARKER || isEntry(name));
            assert.deepEqual(after, names);
        });
    }

    it("is no mount point, nor a path that leads to one", () => {
        assert.throws(() => claim("/proc"), /it is a mount point/);
        symlinkSync("/proc", temporary("link"));
        assert.throws(() => claim(temporary("link")), /it is a mount point/);
        assert.throws(() => claim("/usr/.."), /it is the root of the file system/);
    });

    it("is no directory of someone else", function () {
        if (!isRoot) {
            this.skip();
        }
        mkdirSync(temporary("theirs"), { mode: 0o755 });
        chownSync(temporary("theirs"), 1234, 1234);
        for (const path of [temporary("theirs"), temporary("theirs", "below")]) {
            assert.throws(() => claim(path), /belongs to another user \(uid 1234/);
        }
        assert.deepEqual(look(temporary("theirs")), { mode: 0o755, names: [] });
    });

    it("is nowhere that every user can change", () => {
        mkdirSync(temporary("open"));
        chmodSync(temporary("open"), 0o777);
        assert.throws(() => claim(temporary("open", "cache")), /can be changed by every user/);
        chmodSync(temporary("open"), 0o1777);
        claim(temporary("open", "cache"));
    });

    it("is not where other things are, for no command", () => {
        const place = temporary("data");
        mkdirSync(join(place, "logs"), { recursive: true });
        writeFileSync(join(place, "logs", "precious"), "1");
        writeFileSync(join(place, "thesis.tex"), "1");
        chmodSync(place, 0o755);
        const before = look(place);
        for (const name of ["stop", "clean", "env"]) {
            const { status, stderr } = command(name, place);
            assert.equal(status, 1);
            assert.match(stderr, /it holds other things already \("thesis.tex" and more\)/);
            assert.ok(stderr.includes(`for example MULTINET_CACHE=${place}/multinet`), stderr);
        }
        assert.deepEqual(look(place), before);
        assert.equal(readFileSync(join(place, "logs", "precious"), "utf8"), "1");
    });

    it("is no cache of another program, whatever its names", () => {
        for (const name of ["locks", "go"]) {
            mkdirSync(temporary("cache", name), { recursive: true });
        }
        const signature = "Signature: 8a477f597d28d172789f06886806bc55\n";
        writeFileSync(temporary("cache", MARKER), `${signature}# cargo\n`);
        assert.throws(() => claim(temporary("cache")), /holds other things/);
        mkdirSync(temporary("logs only", "logs"), { recursive: true });
        assert.throws(() => claim(temporary("logs only")), /holds other things already \("logs"\)/);
        writeFileSync(temporary("file"), "");
        assert.throws(() => claim(temporary("file")), /is not a directory/);
        assert.throws(() => claim(temporary("a:b")), /PATH cannot hold/);
    });

    it("may be new or empty, and is private and marked then", () => {
        mkdirSync(temporary("empty"));
        chmodSync(temporary("empty"), 0o755);
        for (const place of [temporary("new", "deep"), temporary("empty")]) {
            assert.equal(claim(place), place);
            assert.deepEqual(look(place), { mode: 0o700, names: [MARKER] });
            claim(place);
        }
    });

    it("is known again by its marker, with whatever else is in it, or through a link", () => {
        claim(temporary("cache"));
        writeFileSync(temporary("cache", "stranger"), "");
        symlinkSync(temporary("cache"), temporary("link"));
        assert.equal(claim(temporary("link")), temporary("cache"));
    });

    it("is adopted if an earlier version of this program made it", () => {
        for (const name of ["locks", "pieces", "engine"]) {
            mkdirSync(temporary("old", name), { recursive: true });
        }
        claim(temporary("old"));
        assert.ok(readdirSync(temporary("old")).includes(MARKER));
        // The default place is this program's by its name.
        mkdirSync(temporary("multinet", "tools"), { recursive: true });
        claim(temporary("multinet"), { XDG_CACHE_HOME: temporary() });
    });

    it("is adopted although its marker is cut off anywhere", () => {
        claim(temporary("whole"));
        const marker = readFileSync(temporary("whole", MARKER), "utf8");
        let count = 0;
        fc.assert(
            fc.property(fc.nat({ max: marker.length }), (length) => {
                const place = temporary(`torn${count++}`);
                mkdirSync(join(place, "tools"), { recursive: true });
                writeFileSync(join(place, MARKER), marker.slice(0, length));
                claim(place);
                assert.equal(readFileSync(join(place, MARKER), "utf8"), marker);
            }),
            { numRuns: 20 },
        );
    });

    it("is said to be unusable when it cannot be written", () => {
        writeFileSync(temporary("file"), "");
        const below = temporary("file", "cache");
        assert.throws(() => claim(below), /it cannot be written \(ENOTDIR/);
    });

    it("is the same for the entry and the program behind it", () => {
        assert.equal(cacheRoot({ MULTINET_CACHE: "x" }), join(process.cwd(), "x"));
        assert.equal(cacheRoot({ XDG_CACHE_HOME: "relative" }), cacheRoot({}));
    });

    it("has entries that are known by name, and those that a killed process left half-written", () => {
        for (const name of ENTRIES) {
            assert.ok(isEntry(name) && isEntry(`${name}.123`));
        }
        assert.ok(!isEntry("thesis.tex") && !isEntry("go.mod"));
    });
});
