{{- define "dondoc.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if .Values.fullnameOverride -}}{{ .Values.fullnameOverride | trunc 40 | trimSuffix "-" }}
{{- else if contains $name .Release.Name -}}{{ .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else -}}{{ printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" }}
{{- end -}}
{{- end -}}

{{/* The gRPC services of each of the five. `limits` is on all of them, so that no route can choose by it. */}}
{{- define "dondoc.grpcServices" -}}
directives: [dondoc.directives.v1.DirectiveService, dondoc.directives.v1.GoLiveService, dondoc.directory.v1.DirectoryService, dondoc.calendar.v1.CalendarService]
tasks: [dondoc.tasks.v1.TaskService, dondoc.tasks.v1.GoLiveService]
inspections: [dondoc.inspections.v1.InspectionService]
reporting: [dondoc.reporting.v1.ReportingService]
notify: [dondoc.notify.v1.NotifyService]
{{- end -}}

{{/* Labels that never change, of {root, component}: selectors are made of them. */}}
{{- define "dondoc.selector" -}}
app.kubernetes.io/name: {{ default .root.Chart.Name .root.Values.nameOverride }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- with .component }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- end -}}

{{- define "dondoc.labels" -}}
{{ include "dondoc.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: dondoc
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* Name, namespace and labels of {root, component}. */}}
{{- define "dondoc.metadata" -}}
name: {{ include "dondoc.fullname" .root }}-{{ .component }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "dondoc.labels" . | nindent 2 }}
{{- end -}}

{{/* An image by a name that stays what it is. */}}
{{- define "dondoc.pinned" -}}
{{- if hasSuffix ":latest" . -}}{{ fail (printf "%s: `latest` is another image tomorrow; name a version or a digest" .) }}{{- end -}}
{{- . -}}
{{- end -}}

{{- define "dondoc.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}{{ .repository }}@{{ .digest }}
{{- else -}}{{ include "dondoc.pinned" (printf "%s:%s" .repository (default $.Chart.AppVersion .tag)) }}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* What services.<name> says, over what defaults say. */}}
{{- define "dondoc.settings" -}}
{{- mergeOverwrite (deepCopy .root.Values.defaults) (deepCopy (index .root.Values.services .name)) | toYaml -}}
{{- end -}}

{{- define "dondoc.secretName" -}}
{{- $own := (index .root.Values.services .name).existingSecret -}}
{{- if $own -}}{{ $own }}
{{- else if .root.Values.trial.enabled -}}{{ include "dondoc.fullname" .root }}-{{ .name }}
{{- else -}}{{ fail (printf "services.%s.existingSecret is missing: name a Secret with the keys %s" .name (.root.Values.secretKeys | values | sortAlpha | join ", ")) }}
{{- end -}}
{{- end -}}

{{- define "dondoc.issuer" -}}
{{- if .Values.issuer.url -}}{{ .Values.issuer.url }}
{{- else if .Values.trial.enabled -}}{{ .Values.trial.keycloak.url }}/realms/dondoc
{{- else -}}{{ fail "issuer.url is missing: the issuer as in `iss` of the tokens, e.g. https://id.example/realms/dondoc" }}
{{- end -}}
{{- end -}}

{{- define "dondoc.keysUrl" -}}
{{- if .Values.issuer.keysUrl -}}{{ .Values.issuer.keysUrl }}
{{- else if .Values.trial.enabled -}}http://{{ include "dondoc.fullname" . }}-keycloak:8080/realms/dondoc/protocol/openid-connect/certs
{{- end -}}
{{- end -}}

{{/* Keycloak's realm that says who is in charge; empty: nobody is asked. */}}
{{- define "dondoc.officersUrl" -}}
{{- if .Values.officers.url -}}{{ .Values.officers.url }}
{{- else if .Values.trial.enabled -}}http://{{ include "dondoc.fullname" . }}-keycloak:8080/realms/dondoc
{{- end -}}
{{- end -}}

{{- define "dondoc.officers" -}}
{{- $officers := .root.Values.officers -}}
{{- $own := $officers.clientSecret -}}
- {name: DONDOC_OFFICERS_URL, value: {{ include "dondoc.officersUrl" .root | quote }}}
- {name: DONDOC_OFFICERS_CLIENT_ID, value: {{ $officers.clientId | quote }}}
- {name: DONDOC_OFFICERS_INTERVAL_SECONDS, value: {{ $officers.intervalSeconds | quote }}}
- name: DONDOC_OFFICERS_CLIENT_SECRET
  valueFrom:
    secretKeyRef:
      {{- if $own.name }}
      name: {{ $own.name }}
      key: {{ $own.key }}
      {{- else if .root.Values.trial.enabled }}
      name: {{ include "dondoc.fullname" .root }}-trial
      key: directory-secret
      {{- else }}
      {{- fail "officers.clientSecret.name is missing: name a Secret with the secret of the client that may view users" }}
      {{- end }}
{{- end -}}

{{- define "dondoc.smtp" -}}
{{- $smtp := .root.Values.smtp -}}
{{- if not .root.Values.trial.enabled -}}
{{- if not $smtp.host -}}{{ fail "smtp.host is missing: the mail server by which notify tells the officers in charge" }}{{- end -}}
{{- if not $smtp.from -}}{{ fail "smtp.from is missing: the address that e-mails come from" }}{{- end -}}
{{- end -}}
- {name: DONDOC_SMTP_HOST, value: {{ default "localhost" $smtp.host | quote }}}
- {name: DONDOC_SMTP_PORT, value: {{ $smtp.port | quote }}}
- {name: DONDOC_SMTP_TLS, value: {{ $smtp.tls | quote }}}
- {name: DONDOC_SMTP_FROM, value: {{ default "dondoc@localhost" $smtp.from | quote }}}
{{- with $smtp.messageIdDomain }}
- {name: DONDOC_SMTP_MESSAGE_ID_DOMAIN, value: {{ . | quote }}}
{{- end }}
{{- with $smtp.caConfigMap }}
- {name: DONDOC_SMTP_CA_FILE, value: /etc/dondoc/smtp-ca/ca.crt}
{{- end }}
{{- with $smtp.user }}
- {name: DONDOC_SMTP_USER, value: {{ . | quote }}}
- name: DONDOC_SMTP_PASSWORD
  valueFrom:
    secretKeyRef: {name: {{ include "dondoc.secretName" $ }}, key: {{ $.root.Values.secretKeys.smtpPassword }}}
{{- end }}
{{- end -}}

{{/* The environment of a service, of {root, name}. Migrations get the same: one set of settings. */}}
{{- define "dondoc.env" -}}
{{- $values := .root.Values -}}
{{- $own := index $values.services .name -}}
{{- $secret := include "dondoc.secretName" . -}}
- name: DONDOC_DATABASE_URL
  valueFrom:
    secretKeyRef:
      name: {{ default $secret $own.databaseSecret.name }}
      key: {{ default $values.secretKeys.databaseUrl $own.databaseSecret.key }}
- name: DONDOC_NATS_URL
  valueFrom:
    secretKeyRef: {name: {{ $secret }}, key: {{ $values.secretKeys.natsUrl }}}
- name: DONDOC_PAGE_TOKEN_KEY
  valueFrom:
    secretKeyRef: {name: {{ $secret }}, key: {{ $values.secretKeys.pageTokenKey }}}
- {name: DONDOC_ISSUER_URL, value: {{ include "dondoc.issuer" .root | quote }}}
- {name: DONDOC_ISSUER_KEYS_URL, value: {{ include "dondoc.keysUrl" .root | quote }}}
- {name: DONDOC_AUDIENCE, value: {{ $values.issuer.audience | quote }}}
- {name: DONDOC_LISTEN, value: "0.0.0.0:8080"}
- {name: DONDOC_CLOCK, value: {{ $values.clock | quote }}}
- {name: DONDOC_LOG_LEVEL, value: {{ $values.logLevel | quote }}}
- {name: DONDOC_DATABASE_POOL, value: {{ $values.databasePool | quote }}}
- {name: DONDOC_START_TIMEOUT_SECONDS, value: {{ $values.startTimeoutSeconds | quote }}}
- {name: DONDOC_DRAIN_SECONDS, value: {{ $values.drainSeconds | quote }}}
- {name: DONDOC_OTLP_ENDPOINT, value: {{ $values.otlp.endpoint | quote }}}
- {name: DONDOC_OTLP_PROTOCOL, value: {{ $values.otlp.protocol | quote }}}
{{- if $values.regulationProfiles }}
- {name: DONDOC_PROFILE_PATH, value: /etc/dondoc/profiles}
{{- end }}
{{- if eq .name "notify" }}
{{ include "dondoc.smtp" . }}
{{- end }}
{{- if and (eq .name "directives") (include "dondoc.officersUrl" .root) }}
{{ include "dondoc.officers" . }}
{{- end }}
{{- range $key, $value := merge (deepCopy $own.env) $values.env }}
- {name: {{ $key }}, value: {{ $value | quote }}}
{{- end }}
{{- end -}}

{{- define "dondoc.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ .uid }}
runAsGroup: {{ .gid }}
fsGroup: {{ .gid }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{- define "dondoc.ownPodSecurity" -}}
{{- include "dondoc.podSecurity" (dict "uid" .Values.podSecurity.runAsUser "gid" .Values.podSecurity.runAsGroup) -}}
{{- end -}}

{{- define "dondoc.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities: {drop: [ALL]}
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{- define "dondoc.pullSecrets" -}}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end -}}

{{/* A rule of egress, of {rule: {to, ports}}. */}}
{{- define "dondoc.egressRule" }}
- ports:
    {{- range .rule.ports }}
    - {port: {{ . }}, protocol: TCP}
    {{- end }}
  {{- with .rule.to }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}

{{/* Pods of the release, of {root, component}. */}}
{{- define "dondoc.peer" }}
- podSelector:
    matchLabels:
      {{- include "dondoc.selector" . | nindent 6 }}
{{- end }}

{{/* Makes a resource a part of the migrations, of its weight. */}}
{{- define "dondoc.migrateHook" }}
annotations:
  helm.sh/hook: pre-install,pre-upgrade
  helm.sh/hook-weight: {{ . | quote }}
  helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
{{- end }}
