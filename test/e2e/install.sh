#!/bin/sh
# Brings what the outside rigs need: proxies and Chromium from the machine's packages, and what those
# do not have (oauth2-proxy, a current Caddy) from their Go modules, by the Go of the machine or one
# from its packages. Fails when anything cannot be had: a rig that did not run proves nothing.
set -eu

OAUTH2_PROXY=github.com/oauth2-proxy/oauth2-proxy/v7@v7.15.6
CADDY=github.com/caddyserver/caddy/v2/cmd/caddy@v2.11.9

. test/support/bring.sh

bring nginx:nginx apache2:apache2 haproxy:haproxy caddy:caddy
# For promtool, which reads what deploy/prometheus has, and what /metrics answers.
bring prometheus:promtool
[ -n "${CHROMIUM:-}" ] || bring chromium:chromium
command -v go >/dev/null 2>&1 || bring golang:go
# What the examples of examples/control are written for.
bring curl:curl python3:python3 default-jdk-headless:java

mkdir -p .cache/bin
module oauth2-proxy "$OAUTH2_PROXY"
module caddy "$CADDY"
