/** The API groups whose kinds Helm knows itself. */
const GROUPS = new Set([
    "",
    "admissionregistration.k8s.io",
    "apps",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "autoscaling",
    "batch",
    "certificates.k8s.io",
    "coordination.k8s.io",
    "discovery.k8s.io",
    "events.k8s.io",
    "flowcontrol.apiserver.k8s.io",
    "networking.k8s.io",
    "node.k8s.io",
    "policy",
    "rbac.authorization.k8s.io",
    "resource.k8s.io",
    "scheduling.k8s.io",
    "storage.k8s.io",
]);

/**
 * Whether an upgrade puts a changed object right. Helm compares three sides (last manifest, next one, what is live)
 * only for the kinds it knows; for others, and for the definitions of such kinds, it compares the two manifests.
 */
export function upgradeRestores({ apiVersion }: { apiVersion: string }): boolean {
    const group = apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
    return GROUPS.has(group);
}
