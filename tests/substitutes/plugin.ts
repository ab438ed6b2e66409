import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import engineRpc from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import type engine from "@pulumi/pulumi/proto/engine_pb.js";
import type plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import type providerRpc from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import { UNKNOWN } from "../../provider/resource.ts";
import type { Properties } from "../../provider/resource.ts";
import { ask, connect } from "../provider/client.ts";

export { UNKNOWN };
export type { Properties };

const SIGNATURE = "4dabf18193072939515e22adb298388d";

/** A secret as it travels between engine and plugin. */
export function secret(value: Properties[string]): Properties {
    return { [SIGNATURE]: "1b47061264138c4ac30d75fd1eb44270", value };
}

const wire = (value: Properties) => struct.Struct.fromJavaScript(value);
const plain = (value: struct.Struct | undefined) => value?.toJavaScript() ?? {};

/** A resource as the engine remembers it. */
export interface Recorded {
    id: string;
    inputs: Properties;
    outputs: Properties;
}

/** The engine's end of the log. */
class Log {
    readonly lines: string[] = [];
    private readonly arrivals = new EventEmitter();
    private readonly server = new Server();

    /** Returns the address, as the engine gives it to its plugins. */
    listen(): Promise<string> {
        this.server.addService(engineRpc.EngineService, {
            log: (
                { request }: { request: engine.LogRequest },
                reply: (error: null, answer: empty.Empty) => void,
            ) => {
                this.lines.push(request.getMessage());
                this.arrivals.emit("line");
                reply(null, new empty.Empty());
            },
        });
        return new Promise((resolve, reject) => {
            const insecure = ServerCredentials.createInsecure();
            this.server.bindAsync("127.0.0.1:0", insecure, (error, port) => {
                if (error) {
                    reject(error);
                } else {
                    resolve(`127.0.0.1:${port}`);
                }
            });
        });
    }

    async saw(line: RegExp): Promise<void> {
        while (!this.lines.some((logged) => line.test(logged))) {
            await once(this.arrivals, "line");
        }
    }

    stop(): void {
        this.server.forceShutdown();
    }
}

/** A substitute in a process of its own, spoken to as the engine speaks to it. */
export class Plugin {
    /** What the plugin sent to the engine's log. */
    readonly logged: string[];
    private readonly log: Log;
    private readonly child: ChildProcess;
    private readonly client: providerRpc.ResourceProviderClient;

    private constructor(log: Log, child: ChildProcess, port: number) {
        this.log = log;
        this.logged = log.lines;
        this.child = child;
        this.client = connect(port);
    }

    /** Starts `source-builds/substitutes/<name>.ts`; `env` is added to this process's environment. */
    static async start(name: string, env: NodeJS.ProcessEnv = {}, cwd?: string): Promise<Plugin> {
        const log = new Log();
        const engineAddress = await log.listen();
        const main = join(import.meta.dirname, "../../source-builds/substitutes", `${name}.ts`);
        const child = spawn(process.execPath, [main, engineAddress], {
            stdio: ["ignore", "pipe", "inherit"],
            env: { ...process.env, ...env },
            cwd,
        });
        const [port] = (await once(createInterface(child.stdout), "line")) as [string];
        return new Plugin(log, child, Number(port));
    }

    /** Resolves when the plugin has logged such a line. */
    saw(line: RegExp): Promise<void> {
        return this.log.saw(line);
    }

    async stop(): Promise<void> {
        this.client.close();
        this.log.stop();
        if (this.child.exitCode === null && this.child.signalCode === null) {
            const gone = once(this.child, "exit");
            this.child.kill();
            await gone;
        }
    }

    async version(): Promise<string> {
        const info = await ask<plugin.PluginInfo>((reply) =>
            this.client.getPluginInfo(new empty.Empty(), reply),
        );
        return info.getVersion();
    }

    async configure(config: Properties): Promise<void> {
        const request = new provider.ConfigureRequest().setArgs(wire(config));
        await ask((reply) => this.client.configure(request, reply));
    }

    async cancel(): Promise<void> {
        await ask((reply) => this.client.cancel(new empty.Empty(), reply));
    }

    async check(urn: string, inputs: Properties) {
        const request = new provider.CheckRequest().setUrn(urn).setNews(wire(inputs));
        const answer = await ask<provider.CheckResponse>((reply) =>
            this.client.check(request, reply),
        );
        return {
            inputs: plain(answer.getInputs()),
            failures: answer.getFailuresList().map((failure) => failure.toObject()),
        };
    }

    async diff(urn: string, old: Recorded, inputs: Properties) {
        const request = new provider.DiffRequest()
            .setId(old.id)
            .setUrn(urn)
            .setOlds(wire(old.outputs))
            .setOldInputs(wire(old.inputs))
            .setNews(wire(inputs));
        const answer = await ask<provider.DiffResponse>((reply) =>
            this.client.diff(request, reply),
        );
        return {
            changed: answer.getDiffsList(),
            replaces: answer.getReplacesList(),
            deleteFirst: answer.getDeletebeforereplace(),
        };
    }

    async create(urn: string, inputs: Properties, preview = false): Promise<Recorded> {
        const request = new provider.CreateRequest()
            .setUrn(urn)
            .setProperties(wire(inputs))
            .setPreview(preview);
        const answer = await ask<provider.CreateResponse>((reply) =>
            this.client.create(request, reply),
        );
        return { id: answer.getId(), inputs, outputs: plain(answer.getProperties()) };
    }

    /** Undefined if the plugin says that it is gone. */
    async read(urn: string, old: Recorded): Promise<Recorded | undefined> {
        const request = new provider.ReadRequest()
            .setId(old.id)
            .setUrn(urn)
            .setInputs(wire(old.inputs))
            .setProperties(wire(old.outputs));
        const answer = await ask<provider.ReadResponse>((reply) =>
            this.client.read(request, reply),
        );
        return answer.getId() === ""
            ? undefined
            : {
                  id: answer.getId(),
                  inputs: plain(answer.getInputs()),
                  outputs: plain(answer.getProperties()),
              };
    }

    async update(
        urn: string,
        old: Recorded,
        inputs: Properties,
        preview = false,
    ): Promise<Recorded> {
        const request = new provider.UpdateRequest()
            .setId(old.id)
            .setUrn(urn)
            .setOlds(wire(old.outputs))
            .setOldInputs(wire(old.inputs))
            .setNews(wire(inputs))
            .setPreview(preview);
        const answer = await ask<provider.UpdateResponse>((reply) =>
            this.client.update(request, reply),
        );
        return { id: old.id, inputs, outputs: plain(answer.getProperties()) };
    }

    async delete(urn: string, old: Recorded): Promise<void> {
        const request = new provider.DeleteRequest()
            .setId(old.id)
            .setUrn(urn)
            .setProperties(wire(old.outputs))
            .setOldInputs(wire(old.inputs));
        await ask((reply) => this.client.delete(request, reply));
    }
}
