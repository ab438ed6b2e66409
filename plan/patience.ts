/** The most that is accepted: the longest limit times this must fit into a timer of Node.js, which holds 24 days. */
const MOST = 100;

const given = () => process.env["MULTINET_PATIENCE"];

/**
 * How many times longer than usual all that is waited for may take, because this machine is slow: `MULTINET_PATIENCE`,
 * a number from 1 to 100; 1 if it is not set, or wrong.
 */
export function patience(text = given()): number {
    return isPatience(text) ? Number(text) : 1;
}

/** A time limit, in whatever unit, as long as it is on this machine. */
export function patient(limit: number): number {
    return limit * patience();
}

/** What is wrong with `MULTINET_PATIENCE`, if it is set to anything else than such a number. */
export function patienceProblem(text = given()): string | undefined {
    return text === undefined || text === "" || isPatience(text)
        ? undefined
        : `MULTINET_PATIENCE is ${JSON.stringify(text)}, but says how many times longer than usual everything may take: ` +
              `a number from 1 to ${MOST}. Unset it, or set it to 3, say, on a slow machine.`;
}

function isPatience(text: string | undefined): boolean {
    return /^\d+(\.\d+)?$/.test(text ?? "") && Number(text) >= 1 && Number(text) <= MOST;
}
