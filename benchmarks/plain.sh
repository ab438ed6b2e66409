#!/usr/bin/env bash
# Two kind clusters with Multus and a ptp network across them, one step after the other, as one would type it: what
# `pulumi up` is compared with.
#
# Usage:       plain.sh FOLDER CLUSTER CLUSTER
# Environment: NODE_IMAGE MULTUS_IMAGE TOOLBOX_IMAGE
# Leaves:      the clusters, and FOLDER/CLUSTER.yaml, a kubeconfig of each
set -euo pipefail
folder=$1
clusters=("$2" "$3")

on() { kubectl --kubeconfig "$folder/$1.yaml" "${@:2}"; }

address() {
    docker inspect --format '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' "$1-control-plane"
}

multus() {
    cat <<EOF
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: network-attachment-definitions.k8s.cni.cncf.io }
spec:
  group: k8s.cni.cncf.io
  scope: Namespaced
  names:
    plural: network-attachment-definitions
    singular: network-attachment-definition
    kind: NetworkAttachmentDefinition
    shortNames: [net-attach-def]
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec: { type: object, properties: { config: { type: string } } }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: multus }
rules:
  - { apiGroups: [k8s.cni.cncf.io], resources: ["*"], verbs: ["*"] }
  - { apiGroups: [""], resources: [pods, pods/status], verbs: [get, update] }
  - { apiGroups: ["", events.k8s.io], resources: [events], verbs: [create, patch, update] }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: multus }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: multus }
subjects: [{ kind: ServiceAccount, name: multus, namespace: kube-system }]
---
apiVersion: v1
kind: ServiceAccount
metadata: { name: multus, namespace: kube-system }
---
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: multus, namespace: kube-system }
spec:
  selector: { matchLabels: { app: multus } }
  template:
    metadata: { labels: { app: multus } }
    spec:
      serviceAccountName: multus
      hostNetwork: true
      tolerations: [{ operator: Exists }]
      containers:
        - name: multus
          image: "$MULTUS_IMAGE"
          command: [/thin_entrypoint]
          args:
            - --multus-conf-file=auto
            - --multus-autoconfig-dir=/host/etc/cni/net.d
            - --cni-conf-dir=/host/etc/cni/net.d
          securityContext: { privileged: true }
          volumeMounts:
            - { name: conf, mountPath: /host/etc/cni/net.d }
            - { name: bin, mountPath: /host/opt/cni/bin }
      volumes:
        - { name: conf, hostPath: { path: /etc/cni/net.d } }
        - { name: bin, hostPath: { path: /opt/cni/bin } }
EOF
}

# Arguments: block of this cluster, block of the other one, gateway of this one.
attachment() {
    cat <<EOF
apiVersion: k8s.cni.cncf.io/v1
kind: NetworkAttachmentDefinition
metadata: { name: data-plane }
spec:
  config: |
    {
      "cniVersion": "0.3.1",
      "name": "data-plane",
      "type": "ptp",
      "ipam": { "type": "host-local", "subnet": "$1", "routes": [{ "dst": "$2", "gw": "$3" }] }
    }
EOF
}

demo() {
    cat <<EOF
apiVersion: apps/v1
kind: Deployment
metadata: { name: $1 }
spec:
  selector: { matchLabels: { app: $1 } }
  template:
    metadata:
      labels: { app: $1 }
      annotations: { k8s.v1.cni.cncf.io/networks: data-plane }
    spec:
      terminationGracePeriodSeconds: 0
      containers:
        - { name: demo, image: "$TOOLBOX_IMAGE", command: [sleep, infinity] }
EOF
}

for cluster in "${clusters[@]}"; do
    kind create cluster --name "$cluster" --image "$NODE_IMAGE" --kubeconfig "$folder/$cluster.yaml"
    # Without this Multus would sometimes start before the cluster has a network that it can put itself in front of.
    on "$cluster" wait --for condition=Ready node --all --timeout 180s
    multus | on "$cluster" apply --filename -
    on "$cluster" --namespace kube-system rollout status daemonset/multus --timeout 180s
    until docker exec "$cluster-control-plane" test -e /etc/cni/net.d/00-multus.conf; do sleep 0.2; done
done

for index in 1 2; do
    cluster=${clusters[index - 1]} other=${clusters[2 - index]}
    attachment "10.$index.0.0/16" "10.$((3 - index)).0.0/16" "10.$index.0.1" | on "$cluster" apply --filename -
    for name in demo1 demo2; do
        demo "$name" | on "$cluster" apply --filename -
    done
    docker exec "$cluster-control-plane" ip route add "10.$((3 - index)).0.0/16" via "$(address "$other")"
done

for cluster in "${clusters[@]}"; do
    on "$cluster" rollout status deployment/demo1 deployment/demo2 --timeout 180s
done
