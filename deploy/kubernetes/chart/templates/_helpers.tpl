{{- /* The name of all objects: that of the release, with gracewatch in it. */ -}}
{{- define "gracewatch.name" -}}
{{- if contains "gracewatch" .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-gracewatch" .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- /* What a Service and a Deployment find their pod by: it never changes. */ -}}
{{- define "gracewatch.selector" -}}
app.kubernetes.io/name: gracewatch
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "gracewatch.labels" -}}
{{ include "gracewatch.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
{{- end -}}

{{- /* Not empty where the cluster knows the objects of the Prometheus operator. */ -}}
{{- define "gracewatch.operator" -}}
{{- if .Capabilities.APIVersions.Has "monitoring.coreos.com/v1" }}yes{{ end -}}
{{- end -}}
