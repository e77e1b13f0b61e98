#!/bin/sh
# Builds the image with whichever builder the machine has. IMAGE names it.
set -eu

image=${IMAGE:-asteroid:dev}
revision=$(git rev-parse HEAD 2>/dev/null || echo unknown)

set -- --tag "$image" --build-arg "REVISION=$revision" "$@" .

if command -v docker >/dev/null 2>&1 && docker info >/dev/null 2>&1; then
  exec docker build "$@"
fi
# The OCI format has no place for HEALTHCHECK.
for builder in podman buildah; do
  if command -v "$builder" >/dev/null 2>&1; then
    exec "$builder" build --format docker "$@"
  fi
done

echo 'no builder found: install docker, podman or buildah' >&2
exit 1
