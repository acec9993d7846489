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

{{- /* How the kubelet looks: at a path, or, where it would have to show a certificate, whether it can connect. */ -}}
{{- define "gracewatch.probe" -}}
{{- $path := last . -}}
{{- with (first .).Values.tls -}}
{{- if .clientCertificates -}}
tcpSocket:
  port: http
{{- else -}}
httpGet:
  path: {{ $path }}
  port: http
  {{- if .enabled }}
  scheme: HTTPS
  {{- end }}
{{- end -}}
{{- end -}}
{{- end -}}
