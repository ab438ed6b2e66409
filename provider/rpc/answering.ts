import type { handleUnaryCall } from "@grpc/grpc-js";
import { rpcFailure } from "./failure.ts";

/** A handler that sends what `body` returns or, as an error, what it throws. */
export function answering<Q, A>(body: (request: Q) => A | Promise<A>): handleUnaryCall<Q, A> {
    return ({ request }, reply) => {
        (async () => body(request))().then(
            (answer) => {
                reply(null, answer);
            },
            (error: unknown) => {
                reply(rpcFailure(error));
            },
        );
    };
}
