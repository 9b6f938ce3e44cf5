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
{{- if .Values.managementAgent.serviceAccount.create }}
{{- default (include "agent.fullname" .) .Values.managementAgent.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.managementAgent.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "agent.imageBuilderServiceAccountName" -}}
{{- if .Values.imageBuilder.serviceAccount.create }}
{{- default (printf "image-builder-%s" (include "agent.fullname" .) | trunc 63 | trimSuffix "-") .Values.imageBuilder.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.imageBuilder.serviceAccount.name }}
{{- end }}
{{- end }}
