import assert from "node:assert/strict";
import { converges, destroyed, reset, type Config } from "../converged.ts";
import { faultStack } from "../faultStack.ts";
import { faultClass } from "../ledger.ts";
import { Operation } from "./operation.ts";

const plain: Config = { clusters: { edge1: {} } };
const larger: Config = { clusters: { edge1: { nodes: 2 } } };

interface Victim {
    fault: string;
    /** Its command line. */
    command: RegExp;
    /** The resource in whose creation or update it is killed. */
    during: string;
    from?: Config;
    to: Config;
}

const VICTIMS: Victim[] = [
    {
        fault: "our provider plugin, cluster being created",
        command: /node.*\/provider\/main\.ts/,
        during: "edge1-kind",
        to: plain,
    },
    {
        fault: "kind",
        command: /(^|\/)kind create cluster/,
        during: "edge1-kind",
        to: plain,
    },
    {
        fault: "the docker client that kind started",
        command: /(^|\/)docker (run|exec|inspect|logs|ps)/,
        during: "edge1-kind",
        to: plain,
    },
    {
        fault: "the kubernetes plugin, release being created",
        command: /pulumi-resource-kubernetes/,
        during: "edge1-multus-release",
        to: plain,
    },
    {
        fault: "the language host",
        command: /pulumi-language-nodejs/,
        during: "edge1-multus-release",
        to: plain,
    },
    {
        fault: "our provider plugin, worker being added",
        command: /node.*\/provider\/main\.ts/,
        during: "edge1-kind",
        from: plain,
        to: larger,
    },
    {
        fault: "the docker client, worker being added",
        command: /(^|\/)docker (run|exec|inspect|logs|ps)/,
        during: "edge1-kind",
        from: plain,
        to: larger,
    },
];

faultClass(
    {
        name: "kills-victims",
        title: "SIGKILL of a plugin, the language host, kind or the docker client",
        least: VICTIMS.length,
    },
    (ledger) => {
        const stack = faultStack("f-victims");

        for (const { fault, command, during, from, to } of VICTIMS) {
            it(fault, () =>
                ledger.run(
                    fault,
                    async () => {
                        if (from) {
                            stack.configure(from);
                            await stack.up();
                        }
                        stack.configure(to);
                        const operation = new Operation(stack, "up");
                        const begun = await operation.untilBegun(
                            ({ op, urn }) => op !== "same" && urn.endsWith(`::${during}`),
                        );
                        assert.ok(begun, `${during} was begun:\n${operation.output}`);
                        const victim = await operation.until(() => operation.find(command));
                        operation.signal(victim, "SIGKILL");
                        const code = await operation.finished();
                        await converges(stack, to);
                        await destroyed(stack);
                        return code === 0 ? "the update went on" : "the update failed";
                    },
                    () => reset(stack),
                ),
            );
        }
    },
);
