import { credentials, type Metadata } from "@grpc/grpc-js";
import type { ServiceError } from "@grpc/grpc-js";
import providerRpc from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import statusProto from "@pulumi/pulumi/proto/status_pb.js";
import provider from "@pulumi/pulumi/proto/provider_pb.js";

type Reply<A> = (error: ServiceError | null, answer: A) => void;

/** A provider's client as the engine is one. */
export function connect(port: number): providerRpc.ResourceProviderClient {
    return new providerRpc.ResourceProviderClient(
        `127.0.0.1:${port}`,
        credentials.createInsecure(),
    );
}

/** One unary call as a promise: `ask((reply) => client.diff(request, reply))`. */
export function ask<A>(send: (reply: Reply<A>) => unknown): Promise<A> {
    return new Promise((resolve, reject) => {
        send((error, answer) => {
            if (error) {
                reject(error);
            } else {
                resolve(answer);
            }
        });
    });
}

/** The half-made resource that comes with an error, if one does. */
export function initFailedOf(error: unknown): provider.ErrorResourceInitFailed | undefined {
    const { metadata } = error as { metadata?: Metadata };
    const packed = metadata?.get("grpc-status-details-bin")[0];
    if (!(packed instanceof Buffer)) {
        return undefined;
    }
    const [detail] = statusProto.Status.deserializeBinary(packed).getDetailsList();
    return detail && provider.ErrorResourceInitFailed.deserializeBinary(detail.getValue_asU8());
}
