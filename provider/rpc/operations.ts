import type { handleUnaryCall } from "@grpc/grpc-js";
import type struct from "google-protobuf/google/protobuf/struct_pb.js";
import { answering } from "./answering.ts";
import type { EngineLink } from "./engineLink.ts";
import { rpcFailure } from "./failure.ts";
import { decode } from "./properties.ts";
import type { Call, Properties, ProviderDefinition, Resource } from "../resource.ts";
import type { Work } from "./work.ts";

type AnyResource = Resource<Properties, Properties>;

/** What an operation on a resource works with. */
export interface Operation<Q> {
    resource: AnyResource;
    request: Q;
    inputs: Properties;
    /** Names to mark as secret in the answer: the resource's own, and those of inputs that came as secrets. */
    secrets: Set<string>;
    call: Call;
}

/** What the requests of all resource operations have in common. */
interface ResourceRequest {
    getUrn(): string;
    /** Seconds; 0 for no limit. */
    getTimeout?(): number;
    getPreview?(): boolean;
}

/** Makes the handlers of operations on the resources of one provider. */
export class Operations {
    private readonly definition: ProviderDefinition;
    private readonly work: Work;
    private readonly engine: EngineLink;

    constructor(definition: ProviderDefinition, work: Work, engine: EngineLink) {
        this.definition = definition;
        this.work = work;
        this.engine = engine;
    }

    /** A handler for one operation; `inputsOf` finds the resource's inputs in its request. */
    handler<Q extends ResourceRequest, A>(
        inputsOf: (request: Q) => struct.Struct | undefined,
        body: (operation: Operation<Q>) => Promise<A>,
    ): handleUnaryCall<Q, A> {
        return answering(async (request: Q) => {
            const urn = request.getUrn();
            const resource = this.resourceOf(urn);
            const inputs = decode(inputsOf(request));
            const secrets = new Set([...inputs.secrets, ...(resource.secrets ?? [])]);
            const preview = request.getPreview?.() ?? false;
            const log: Call["log"] = (severity, message) => {
                this.engine.log(urn, severity, message);
            };
            try {
                return await this.work.run(request.getTimeout?.() ?? 0, (signal) =>
                    body({
                        resource,
                        request,
                        inputs: inputs.properties,
                        secrets,
                        call: { urn, preview, signal, log },
                    }),
                );
            } catch (error) {
                throw rpcFailure(error, secrets);
            } finally {
                await this.engine.flush();
            }
        });
    }

    /** The type of a resource is in its URN: `urn:pulumi:stack::project::parent$type::name`. */
    private resourceOf(urn: string): AnyResource {
        const { name, resources } = this.definition;
        const token = urn.split("::")[2]?.split("$").pop() ?? "";
        const found = resources[token] as AnyResource | undefined;
        if (!found) {
            throw new Error(`provider ${name} has no resource type ${token} (${urn})`);
        }
        return found;
    }
}
