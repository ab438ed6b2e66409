{{/* The agent's files and each node's plan: the data of the ConfigMap. */}}
{{- define "config" -}}
{{- range $node, $plan := .Values.nodes }}
{{ $node }}.json: {{ merge (dict "networks" $.Values.networks) $plan | toJson | quote }}
{{- end }}
{{ (.Files.Glob "files/*").AsConfig }}
{{- end }}

{{/* Named after its content, so that an agent cannot start with the plan of the release before. */}}
{{- define "config.name" -}}
node-routes-{{ include "config" . | sha256sum | trunc 10 }}
{{- end }}
