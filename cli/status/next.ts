import type { Facts, MatrixStatus, Verdict } from "./report.ts";

/** What to type next, the likeliest first. */
export function nextCommands(
    status: Verdict,
    matrix: MatrixStatus | undefined,
    {
        stack,
        isDefault,
        isDescribed,
        state,
    }: Pick<Facts, "stack" | "isDefault" | "isDescribed" | "state">,
): string[] {
    const named = isDefault ? "" : ` -- ${stack}`;
    const up = `npm run up${named}`;
    switch (status) {
        case "updating":
            return [`npm run status${named}`];
        case "down":
            return isDescribed ? [up] : [];
        case "unrecorded":
            return [up, `npm run remove${named}`];
        case "degraded":
            return matrix && !matrix.green ? [`npm run verify${named}`, up] : [up];
        case "up": {
            const [pod] = pods(state);
            const option = isDefault ? "" : ` -- --stack ${stack}`;
            const use = isDefault ? "" : ` ${stack}`;
            return [
                ...(pod ? [`npm run shell ${pod.cluster} ${pod.demo}${option}`] : []),
                ...(pod ? [`npm run use -- ${pod.cluster}${use}`] : []),
                `npm run verify${named}`,
            ];
        }
        default:
            return [up];
    }
}

/** The pods that the matrix of a stack asks. */
function pods(state: Facts["state"]): { cluster: string; demo: string }[] {
    const matrix = state?.resources?.find(({ type }) => type.endsWith(":ReachabilityMatrix"));
    const pairs = (matrix?.inputs?.["pairs"] ?? []) as {
        from: { cluster: string; demo: string };
    }[];
    return pairs.map(({ from }) => from);
}
