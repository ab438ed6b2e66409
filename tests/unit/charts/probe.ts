import type { Sandbox } from "./sandbox.ts";

const files = new URL("../../../charts/demo/files/", import.meta.url).pathname;

/** A script of the demo chart. */
export const demoScript = (name: string) => `${files}${name}`;

/** What the probe says to each question when it is asked in a namespace, in their order: `ok WORDS` or `fail WORDS`. */
export function askIn(box: Sandbox, space: string, ...questions: string[]): string[] {
    const input = questions.map((question) => `${question}\n`).join("");
    const said = box.run(space, ["perl", demoScript("probe.pl")], { input });
    const answers: string[] = [];
    for (const line of said.split("\n").slice(0, -1)) {
        const [index = "", ...words] = line.split(" ");
        answers[Number(index)] = words.join(" ");
    }
    return answers;
}
