#!/bin/sh
# Brings what the outside rigs need: nginx and Chromium from the machine's packages, oauth2-proxy
# from its Go module. Fails for the first two; where oauth2-proxy cannot be had it says so in one line.
set -u

OAUTH2_PROXY=github.com/oauth2-proxy/oauth2-proxy/v7@v7.12.0

bring() { # program, package
  command -v "$1" >/dev/null 2>&1 && return
  export DEBIAN_FRONTEND=noninteractive
  if command -v apt-get >/dev/null 2>&1; then
    sudo=$([ "$(id -u)" -eq 0 ] || echo sudo)
    $sudo apt-get update -qq >&2
    $sudo env RUNLEVEL=1 apt-get install -y -qq --no-install-recommends "$2" >&2 </dev/null
  fi
  command -v "$1" >/dev/null 2>&1 && return
  echo "$1 is missing: install it (e.g. apt-get install $2)" >&2
  exit 1
}

bring nginx nginx
[ -n "${CHROMIUM:-}" ] || bring chromium chromium

mkdir -p .cache/bin
[ -x .cache/bin/oauth2-proxy ] && exit 0
if ! command -v go >/dev/null 2>&1; then
  echo 'oauth2-proxy: not run (no Go)'
  exit 0
fi
log=$(mktemp)
if ! GOBIN="$PWD/.cache/bin" go install "$OAUTH2_PROXY" >"$log" 2>&1; then
  cat "$log" >&2
  echo 'oauth2-proxy: not run (its Go module could not be installed)'
fi
rm -f "$log"
