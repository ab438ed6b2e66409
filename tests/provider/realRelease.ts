import { gzipSync } from "node:zlib";

/** What a server fills in, drops or rewrites: a release of it has to compare as equal all the same. */
export const MANIFEST = `
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent, labels: {app: agent}}
spec:
  selector: {matchLabels: {app: agent}}
  updateStrategy: {type: RollingUpdate, rollingUpdate: {maxUnavailable: 100%}}
  template:
    metadata: {labels: {app: agent}, annotations: {}}
    spec:
      hostNetwork: false
      nodeSelector: {nobody/has: this}
      tolerations: [{operator: Exists}]
      containers:
        - name: agent
          image: example.invalid/agent:1
          args: []
          env: [{name: A, value: ""}, {name: B, value: b}]
          ports: [{name: tcp, containerPort: 7000}, {name: udp, containerPort: 7000, protocol: UDP}]
          resources: {requests: {cpu: 0.1, memory: 1024Mi}, limits: {cpu: 1000m, memory: 2048Mi}}
          volumeMounts: [{name: settings, mountPath: /etc/agent, readOnly: false}]
      volumes: [{name: settings, configMap: {name: settings, defaultMode: 0644}}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, creationTimestamp: null}
data: {mode: "on", text: "a: b\\n"}
---
apiVersion: v1
kind: Secret
metadata: {name: token}
stringData: {token: hush}
---
apiVersion: v1
kind: Service
metadata: {name: agent}
spec: {clusterIP: None, selector: {app: agent}, ports: [{port: 80, targetPort: tcp}]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: multinet-test-agent}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: [{kind: ServiceAccount, name: default, namespace: default}]
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.test.multinet.dev}
spec:
  group: test.multinet.dev
  scope: Namespaced
  names: {plural: things, singular: thing, kind: Thing}
  versions:
    - name: v1
      served: true
      storage: true
      schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
`;

export function releaseSecret() {
    const release = { name: "lab", version: 1, config: { repair: "0" }, manifest: MANIFEST };
    return {
        apiVersion: "v1",
        kind: "Secret",
        type: "helm.sh/release.v1",
        metadata: {
            name: "sh.helm.release.v1.lab.v1",
            namespace: "default",
            labels: { owner: "helm", name: "lab", status: "deployed", version: "1" },
        },
        stringData: { release: gzipSync(JSON.stringify(release)).toString("base64") },
    };
}
