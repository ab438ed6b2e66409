import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";

/**
 * Stands in for `kubectl exec` of the probe: FAKE_PROBE names a JSON file with the answer to each question, by pod and
 * `kind address`; what it does not name is fine: ttl=62, or a timeout where somebody has to say unreachable.
 */
const answers = JSON.parse(readFileSync(process.env["FAKE_PROBE"]!, "utf8")) as Record<
    string,
    Record<string, string>
>;
const args = process.argv.slice(2);
const pod = args[args.indexOf("--") - 1]!;
const known = answers[pod];
if (known === undefined) {
    console.error(`Error from server (NotFound): pods "${pod}" not found`);
    process.exit(1);
}
for (const question of (await text(process.stdin)).trim().split("\n")) {
    console.log(`${question} ${known[question] ?? "fail timeout"}`);
}
