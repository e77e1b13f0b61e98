{{/* Names and labels, as every chart has them. */}}
{{- define "asteroid.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "asteroid.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" }}
{{- else }}
{{- $name := include "asteroid.name" . }}
{{- if contains $name .Release.Name }}
{{- .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" }}
{{- end }}
{{- end }}
{{- end }}

{{- define "asteroid.selectorLabels" -}}
app.kubernetes.io/name: {{ include "asteroid.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "asteroid.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 }}
{{ include "asteroid.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "asteroid.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "asteroid.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "asteroid.image" -}}
{{- with .Values.image }}
{{- if .digest }}{{ .repository }}@{{ .digest }}{{ else }}{{ .repository }}:{{ default $.Chart.AppVersion .tag }}{{ end }}
{{- end }}
{{- end }}

{{- define "asteroid.secretsName" -}}
{{- default (printf "%s-secrets" (include "asteroid.fullname" .)) .Values.secrets.existingSecret }}
{{- end }}

{{- define "asteroid.hasSecrets" -}}
{{- if or .Values.secrets.existingSecret .Values.secrets.data }}yes{{ end }}
{{- end }}

{{- define "asteroid.proxySecretName" -}}
{{- default (printf "%s-proxy" (include "asteroid.fullname" .)) .Values.oauth2Proxy.existingSecret }}
{{- end }}

{{- define "asteroid.clientsName" -}}
{{- default (printf "%s-clients" (include "asteroid.fullname" .)) .Values.existingClientsConfigMap }}
{{- end }}

{{- define "asteroid.isSidecar" -}}
{{- if eq .Values.mode "sidecar" }}yes{{ end }}
{{- end }}

{{- define "asteroid.host" -}}
{{- (urlParse .Values.issuer).host | splitList ":" | first }}
{{- end }}

{{/* The path of the issuer, below which all of its endpoints are; empty for most. */}}
{{- define "asteroid.base" -}}
{{- (urlParse .Values.issuer).path | trimSuffix "/" }}
{{- end }}

{{/* The paths that read who the End-User is. */}}
{{- define "asteroid.browserPaths" -}}
{{- $base := include "asteroid.base" . }}
{{- range list "/authorize" "/consent" "/account" "/device" "/review" "/end_session" "/sign_out" }}
- {{ $base }}{{ . }}
{{- end }}
{{- end }}

{{/* Those that programs call, and that nobody needs a session for. */}}
{{- define "asteroid.programPaths" -}}
{{- $base := include "asteroid.base" . }}
- {{ $base }}/.well-known/openid-configuration
{{- if $base }}
- /.well-known/openid-configuration{{ $base }}
{{- end }}
- /.well-known/oauth-authorization-server{{ $base }}
{{- range list "/jwks.json" "/signed_out" "/par" "/token" "/device_authorization" "/userinfo" "/introspect" "/revoke" }}
- {{ $base }}{{ . }}
{{- end }}
{{- end }}

{{- define "asteroid.registrationPath" -}}
{{- if dig "registration" "" .Values.config }}{{ include "asteroid.base" . }}/register{{ end }}
{{- end }}

{{/* What would run and be wrong, said when the chart is rendered. */}}
{{- define "asteroid.check" -}}
{{- $store := dig "store" "driver" "memory" .Values.config }}
{{- $keys := dig "keys" "source" "file" .Values.config }}
{{- if or (gt (int .Values.replicaCount) 1) .Values.autoscaling.enabled }}
{{- if eq $store "memory" }}
{{- fail "config.store.driver: memory serves one process: each replica would have codes of its own. Set redis, or one replica without autoscaling" }}
{{- end }}
{{- if and (eq $keys "ephemeral") (not .Values.keys.existingSecret) }}
{{- fail "config.keys.source: ephemeral gives each replica keys of its own. Set store, or keys.existingSecret" }}
{{- end }}
{{- end }}
{{- if and (eq $keys "file") (not .Values.keys.existingSecret) (not (dig "keys" "dir" "" .Values.config)) }}
{{- fail "config.keys.source: file needs keys.existingSecret, or config.keys.dir on a volume of yours" }}
{{- end }}
{{- if include "asteroid.isSidecar" . }}
{{- if not .Values.oauth2Proxy.issuerUrl }}
{{- fail "oauth2Proxy.issuerUrl is needed: the identity provider where people really sign in" }}
{{- end }}
{{- if not (or .Values.oauth2Proxy.existingSecret (and .Values.oauth2Proxy.secret.clientSecret .Values.oauth2Proxy.secret.cookieSecret)) }}
{{- fail "oauth2Proxy.existingSecret is needed: a Secret with client-secret and cookie-secret" }}
{{- end }}
{{- else if not (dig "upstream" "trust" "" .Values.config) }}
{{- fail "config.upstream.trust is needed in mode standalone: what proves that a request comes from your ingress" }}
{{- end }}
{{- if and .Values.podDisruptionBudget.enabled (not (kindIs "invalid" .Values.podDisruptionBudget.minAvailable)) (not (kindIs "invalid" .Values.podDisruptionBudget.maxUnavailable)) }}
{{- fail "podDisruptionBudget takes minAvailable or maxUnavailable; set the other to null" }}
{{- end }}
{{- if and .Values.httpRoute.enabled (not .Values.httpRoute.parentRefs) }}
{{- fail "httpRoute.parentRefs is needed: the Gateway that the route belongs to" }}
{{- end }}
{{- end }}
