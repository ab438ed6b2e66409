import { Metadata, status } from "@grpc/grpc-js";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import statusProto from "@pulumi/pulumi/proto/status_pb.js";
import any from "google-protobuf/google/protobuf/any_pb.js";
import { encode } from "./properties.ts";
import { PartialFailure } from "../resource.ts";

/** An error in the form in which gRPC sends it. */
export class RpcFailure extends Error {
    readonly code = status.UNKNOWN;
    readonly details: string;
    readonly metadata = new Metadata();

    constructor(message: string) {
        super(message);
        this.details = message;
    }
}

/** What the engine is told of `error`; a partial failure makes it record the half-made resource. */
export function rpcFailure(error: unknown, secrets: Iterable<string> = []): RpcFailure {
    if (error instanceof RpcFailure) {
        return error;
    }
    const failure = new RpcFailure(error instanceof Error ? error.message : String(error));
    if (error instanceof PartialFailure) {
        failure.metadata.add("grpc-status-details-bin", initFailed(error, secrets));
    }
    return failure;
}

function initFailed(error: PartialFailure, secrets: Iterable<string>): Buffer {
    const detail = new provider.ErrorResourceInitFailed()
        .setId(error.id)
        .setProperties(encode(error.outputs, secrets))
        .setReasonsList([error.message]);
    const packed = new any.Any();
    packed.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
    const details = new statusProto.Status().setCode(status.UNKNOWN).setMessage(error.message);
    details.addDetails(packed);
    return Buffer.from(details.serializeBinary());
}
