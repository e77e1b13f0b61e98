#!/bin/sh
# Builds the image with whichever builder the machine has. IMAGE names it; PLATFORMS, such as
# linux/amd64,linux/arm64, says for which machines.
set -eu

image=${IMAGE:-asteroid:dev}
revision=$(git rev-parse HEAD 2>/dev/null || echo unknown)

version=$(sed -n 's/^  "version": "\(.*\)",$/\1/p' package.json)
created=$(git log -1 --format=%cI 2>/dev/null || echo unknown)

set -- --build-arg "REVISION=$revision" --build-arg "VERSION=$version" --build-arg "CREATED=$created" "$@" .

# Several platforms are one manifest; what is not this machine's own takes qemu in binfmt_misc.
if [ -n "${PLATFORMS:-}" ]; then
  if command -v docker >/dev/null 2>&1 && docker buildx version >/dev/null 2>&1; then
    exec docker buildx build --platform "$PLATFORMS" --tag "$image" "$@"
  fi
  for builder in podman buildah; do
    if command -v "$builder" >/dev/null 2>&1; then
      exec "$builder" build --format docker --platform "$PLATFORMS" --manifest "$image" "$@"
    fi
  done
fi
set -- --tag "$image" "$@"

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
