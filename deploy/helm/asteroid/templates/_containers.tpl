{{/* Asteroid: the container of mode standalone, and the native sidecar of mode sidecar. */}}
{{- define "asteroid.container" -}}
- name: asteroid
  image: {{ include "asteroid.image" . | quote }}
  imagePullPolicy: {{ .Values.image.pullPolicy }}
{{- if include "asteroid.isSidecar" . }}
  # A native sidecar: ready before the proxy begins, and there until the proxy has ended.
  restartPolicy: Always
{{- end }}
  args: [serve, --config, /etc/asteroid/config/asteroid.yaml]
{{- with .Values.env }}
  env: {{- toYaml . | nindent 4 }}
{{- end }}
{{- with .Values.envFrom }}
  envFrom: {{- toYaml . | nindent 4 }}
{{- end }}
  ports:
    - { name: programs, containerPort: 8880 }
    - { name: health, containerPort: 8882 }
  startupProbe:
    httpGet: { path: /readyz, port: health }
    {{- toYaml .Values.startupProbe | nindent 4 }}
  livenessProbe:
    httpGet: { path: /livez, port: health }
    {{- toYaml .Values.livenessProbe | nindent 4 }}
  readinessProbe:
    httpGet: { path: /readyz, port: health }
    {{- toYaml .Values.readinessProbe | nindent 4 }}
  resources: {{- toYaml .Values.resources | nindent 4 }}
  securityContext: {{- toYaml .Values.securityContext | nindent 4 }}
  # Folders and never a subPath, which Kubernetes does not change when the ConfigMap does.
  volumeMounts:
    - { name: config, mountPath: /etc/asteroid/config, readOnly: true }
    - { name: clients, mountPath: /etc/asteroid/clients, readOnly: true }
{{- if include "asteroid.hasSecrets" . }}
    - { name: secrets, mountPath: /run/secrets/asteroid, readOnly: true }
{{- end }}
{{- if .Values.keys.existingSecret }}
    - { name: keys, mountPath: /etc/asteroid/keys, readOnly: true }
{{- end }}
{{- if include "asteroid.isSidecar" . }}
    - { name: sockets, mountPath: /run/asteroid }
{{- end }}
{{- with .Values.volumeMounts }}
    {{- toYaml . | nindent 4 }}
{{- end }}
{{- end }}

{{/* Everybody may write to an emptyDir, and Asteroid puts no socket where everybody may. */}}
{{- define "asteroid.socketFolder" -}}
- name: socket-folder
  image: {{ include "asteroid.image" . | quote }}
  imagePullPolicy: {{ .Values.image.pullPolicy }}
  command: [/nodejs/bin/node, -e]
  args: ["require('node:fs').mkdirSync('/run/asteroid/private', { recursive: true, mode: 0o750 })"]
  resources: {{- toYaml .Values.resources | nindent 4 }}
  securityContext: {{- toYaml .Values.securityContext | nindent 4 }}
  volumeMounts:
    - { name: sockets, mountPath: /run/asteroid }
{{- end }}

{{- define "asteroid.proxyContainer" -}}
{{- $proxy := .Values.oauth2Proxy -}}
- name: oauth2-proxy
  image: "{{ $proxy.image.repository }}:{{ $proxy.image.tag }}"
  imagePullPolicy: {{ $proxy.image.pullPolicy }}
  args:
    - --alpha-config=/etc/oauth2-proxy/alpha.yaml
{{- range $proxy.emailDomains }}
    - --email-domain={{ . }}
{{- end }}
    - --cookie-secret-file=/run/secrets/oauth2-proxy/cookie-secret
    - --cookie-secure={{ hasPrefix "https:" .Values.issuer }}
    - --redirect-url={{ (urlParse .Values.issuer).scheme }}://{{ (urlParse .Values.issuer).host }}/oauth2/callback
    - --whitelist-domain={{ (urlParse .Values.issuer).host }}
    - --skip-provider-button=true
{{- if $proxy.trustedProxyIps }}
    - --reverse-proxy=true
{{- range $proxy.trustedProxyIps }}
    - --trusted-proxy-ip={{ . }}
{{- end }}
{{- end }}
{{- range include "asteroid.openRoutes" . | fromYamlArray }}
    - {{ printf "--skip-auth-route=%s" . | quote }}
{{- end }}
{{- range $proxy.extraArgs }}
    - {{ . | quote }}
{{- end }}
  ports:
    - { name: http, containerPort: 4180 }
  livenessProbe:
    httpGet: { path: /ping, port: http }
    {{- toYaml .Values.livenessProbe | nindent 4 }}
  readinessProbe:
    httpGet: { path: /ready, port: http }
    {{- toYaml .Values.readinessProbe | nindent 4 }}
  lifecycle:
    preStop: { sleep: { seconds: {{ $proxy.drainSeconds }} } }
  resources: {{- toYaml $proxy.resources | nindent 4 }}
  securityContext: {{- toYaml .Values.securityContext | nindent 4 }}
  volumeMounts:
    - { name: proxy, mountPath: /etc/oauth2-proxy, readOnly: true }
    - { name: proxy-secrets, mountPath: /run/secrets/oauth2-proxy, readOnly: true }
    - { name: sockets, mountPath: /run/asteroid }
{{- end }}
