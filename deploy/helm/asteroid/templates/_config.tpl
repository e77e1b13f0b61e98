{{/* asteroid.yaml: what the mode and the pod decide, and what `config` says over it. */}}
{{- define "asteroid.config" -}}
issuer: {{ .Values.issuer | quote }}
listen:
  public: { host: "0.0.0.0", port: 8880 }
{{- if include "asteroid.isSidecar" . }}
  browser: { socket: /run/asteroid/private/browser.sock, mode: "0660" }
{{- end }}
  admin: { host: 127.0.0.1, port: 8881 }
  health: { host: "0.0.0.0", port: 8882 }
{{- if include "asteroid.isSidecar" . }}
upstream:
  preset: oauth2-proxy
  trust: { unix_socket: true }
{{- end }}
clients: { file: /etc/asteroid/clients/clients.yaml }
userinfo:
  backends:
{{- if .Values.users }}
    - { type: yaml, file: /etc/asteroid/clients/users.yaml }
{{- else }}
    - { type: headers }
{{- end }}
shutdown: { delay: 5s, grace: 20s }
{{- end }}

{{- define "asteroid.mergedConfig" -}}
{{- $config := mustMergeOverwrite (include "asteroid.config" . | fromYaml) (deepCopy .Values.config) }}
{{- if .Values.keys.existingSecret }}
{{- $_ := set $config "keys" (dict "source" "file" "dir" "/etc/asteroid/keys") }}
{{- end }}
{{- toYaml $config }}
{{- end }}

{{/* The alpha configuration of oauth2-proxy, as `asteroid preset show oauth2-proxy` prints it. */}}
{{- define "asteroid.alphaConfig" -}}
server:
  bindAddress: "0.0.0.0:4180"
upstreamConfig:
  upstreams:
    - { id: asteroid, path: /, uri: "unix:///run/asteroid/private/browser.sock" }
{{- range include "asteroid.programPaths" . | fromYamlArray }}
    - { id: {{ . | quote }}, path: {{ . | quote }}, uri: "http://127.0.0.1:8880" }
{{- end }}
{{- with include "asteroid.registrationPath" . }}
    - { id: {{ . | quote }}, path: {{ . | quote }}, uri: "http://127.0.0.1:8880" }
    - { id: "{{ . }}/", path: "{{ . }}/", uri: "http://127.0.0.1:8880" }
{{- end }}
injectRequestHeaders:
  - { name: X-Forwarded-User, values: [{ claimSource: { claim: user } }] }
  - { name: X-Forwarded-Email, values: [{ claimSource: { claim: email } }] }
  - { name: X-Forwarded-Preferred-Username, values: [{ claimSource: { claim: preferred_username } }] }
  - { name: X-Forwarded-Groups, values: [{ claimSource: { claim: groups } }] }
providers:
  - id: idp
    provider: oidc
    clientID: {{ .Values.oauth2Proxy.clientId | quote }}
    clientSecretFile: /run/secrets/oauth2-proxy/client-secret
    code_challenge_method: S256
    scope: {{ .Values.oauth2Proxy.scope | quote }}
    loginURLParameters:
      - { name: prompt, allow: [{ value: login }] }
    oidcConfig:
      issuerURL: {{ .Values.oauth2Proxy.issuerUrl | quote }}
      insecureSkipNonce: false
      emailClaim: email
      groupsClaim: groups
      audienceClaims: [aud]
{{- end }}

{{- define "asteroid.mergedAlphaConfig" -}}
{{- toYaml (mustMergeOverwrite (include "asteroid.alphaConfig" . | fromYaml) (deepCopy .Values.oauth2Proxy.alphaConfig)) }}
{{- end }}

{{/* Paths that no session is needed for: programs have none, and signing out must not begin with signing in. */}}
{{- define "asteroid.openRoutes" -}}
{{- $base := include "asteroid.base" . }}
{{- range include "asteroid.programPaths" . | fromYamlArray }}
- ^{{ regexQuoteMeta . }}$
{{- end }}
{{- with include "asteroid.registrationPath" . }}
- ^{{ regexQuoteMeta . }}(/[A-Za-z0-9._~-]+)?$
{{- end }}
- ^{{ regexQuoteMeta $base }}/end_session$
- ^{{ regexQuoteMeta $base }}/sign_out$
{{- end }}
