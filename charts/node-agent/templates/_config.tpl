{{/* The agent's files, the cluster's plan and each node's part of it: the data of the ConfigMap. */}}
{{- define "config" -}}
plan.json: {{ pick .Values "nodesNetwork" "exempt" "unreachable" "slices" | toJson | quote }}
{{- range $node, $plan := .Values.nodes }}
{{ $node }}.json: {{ $plan | toJson | quote }}
{{- end }}
{{ (.Files.Glob "files/*").AsConfig }}
{{- end }}

{{/* Named after its content, so that an agent cannot start with the plan of the release before. */}}
{{- define "config.name" -}}
node-routes-{{ include "config" . | sha256sum | trunc 10 }}
{{- end }}
