{{- define "agent.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "agent.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- $name := default .Chart.Name .Values.nameOverride }}
{{- if contains $name .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}
{{- end }}

{{- define "agent.selectorLabels" -}}
app.kubernetes.io/name: {{ include "agent.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "agent.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{ include "agent.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: bosun
{{- end }}

{{- define "agent.serviceAccountName" -}}
{{- if .Values.bosun.serviceAccount.create }}
{{- default (include "agent.fullname" .) .Values.bosun.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.bosun.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "agent.imageBuilderServiceAccountName" -}}
{{- if .Values.imageBuilder.serviceAccount.create }}
{{- default (printf "kaniko-%s" (include "agent.fullname" .) | trunc 63 | trimSuffix "-") .Values.imageBuilder.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.imageBuilder.serviceAccount.name }}
{{- end }}
{{- end }}
