import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** The container engine's client: docker; where there is only Podman, that one, which takes the same commands. */
export function engineProgram(path = process.env["PATH"] ?? ""): "docker" | "podman" {
    const isThere = (program: string) =>
        path.split(delimiter).some((folder) => {
            try {
                accessSync(join(folder, program), constants.X_OK);
                return folder !== "";
            } catch {
                return false;
            }
        });
    return !isThere("docker") && isThere("podman") ? "podman" : "docker";
}
