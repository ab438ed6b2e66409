import assert from "node:assert/strict";
import { debianMirror } from "../../../../source-builds/images/debianMirror.ts";
import { Workspace } from "./workspace.ts";

const FALLBACK = "http://deb.debian.org/debian";

describe("debianMirror", () => {
    const workspace = new Workspace();
    const cases: { what: string; file: string; text: string; mirror: string }[] = [
        {
            what: "reads lines, with options, comments and other repositories",
            file: "sources.list",
            text: `# deb http://old.example/debian bookworm main
deb-src http://src.example/debian bookworm main
deb https://tools.example/linux/debian bookworm stable
deb http://security.example/debian-security bookworm-security main
deb [arch=amd64 signed-by=/x.gpg] http://mirror.example/debian/ bookworm main contrib # ours
`,
            mirror: "http://mirror.example/debian",
        },
        {
            what: "reads deb822 stanzas with comments and continued fields",
            file: "sources.list.d/debian.sources",
            text: `Types: deb deb-src
# the nearest
URIs: http://mirror.example/debian
Suites: bookworm
 bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://security.example/debian-security
Suites: bookworm-security
Components: main
`,
            mirror: "http://mirror.example/debian",
        },
        {
            what: "passes over a disabled stanza",
            file: "sources.list.d/debian.sources",
            text: "Enabled: no\nTypes: deb\nURIs: http://off.example/debian\nSuites: bookworm\nComponents: main\n",
            mirror: FALLBACK,
        },
        {
            what: "takes the mirror of another Debian release",
            file: "sources.list",
            text: "deb http://mirror.example/debian trixie main\n",
            mirror: "http://mirror.example/debian",
        },
        {
            what: "takes any repository that has the suite where none is called debian",
            file: "sources.list",
            text: "deb https://proxy.example/repository/apt bookworm main\n",
            mirror: "https://proxy.example/repository/apt",
        },
        {
            what: "uses the public mirror on Ubuntu",
            file: "sources.list",
            text: "deb http://archive.example/ubuntu noble main universe\n",
            mirror: FALLBACK,
        },
        {
            what: "cannot use a disc",
            file: "sources.list",
            text: "deb cdrom:[Debian 12]/ bookworm main\n",
            mirror: FALLBACK,
        },
    ];
    for (const [number, { what, file, text, mirror }] of cases.entries()) {
        it(what, () => {
            workspace.file(`${number}/${file}`, text);
            assert.equal(debianMirror("bookworm", `${workspace.path}/${number}`), mirror);
        });
    }
});
