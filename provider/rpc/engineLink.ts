import { credentials, Metadata } from "@grpc/grpc-js";
import engineRpc from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import engine from "@pulumi/pulumi/proto/engine_pb.js";

export type Severity = "info" | "warning" | "status";

/** The way back to the engine, for the lines it shows beside a resource. Losing them is never an error. */
export class EngineLink {
    private client: engineRpc.EngineClient | undefined;
    private readonly pending = new Set<Promise<void>>();

    /** `address` is host:port, or undefined where nothing listens. */
    connect(address: string | undefined): void {
        this.client?.close();
        this.client = address
            ? new engineRpc.EngineClient(address, credentials.createInsecure())
            : undefined;
    }

    log(urn: string, severity: Severity, message: string): void {
        const client = this.client;
        if (!client) {
            return;
        }
        const request = new engine.LogRequest()
            .setSeverity(
                severity === "warning" ? engine.LogSeverity.WARNING : engine.LogSeverity.INFO,
            )
            .setMessage(message)
            .setUrn(urn)
            .setEphemeral(severity === "status");
        const sent = new Promise<void>((resolve) => {
            client.log(request, new Metadata(), { deadline: Date.now() + 2000 }, () => {
                resolve();
            });
        });
        this.pending.add(sent);
        void sent.then(() => this.pending.delete(sent));
    }

    /** Resolves when the lines logged so far have arrived, so that they come before the answer they belong to. */
    async flush(): Promise<void> {
        await Promise.all(this.pending);
    }
}
