import sdk from "@pulumi/docker/package.json" with { type: "json" };
import { DockerCli } from "./docker/cli.ts";
import { network } from "./docker/network.ts";
import { remoteImage } from "./docker/remoteImage.ts";
import { serveSubstitute } from "./serve.ts";

const docker = new DockerCli();
await serveSubstitute(
    sdk.pulumi,
    {
        "docker:index/network:Network": network(docker),
        "docker:index/remoteImage:RemoteImage": remoteImage(docker),
    },
    async (config) => {
        docker.configure(config);
    },
);
