# How rigs get programs of others: from the machine's packages, or built from a Go module. Sourced by
# the scripts that install, from the root of the project; whatever cannot be had ends them.

bring() { # package:program …, all that are missing in one go
  missing=
  for pair in "$@"; do
    command -v "${pair#*:}" >/dev/null 2>&1 || missing="$missing ${pair%%:*}"
  done
  [ -n "$missing" ] || return 0
  if command -v apt-get >/dev/null 2>&1; then
    sudo=$([ "$(id -u)" -eq 0 ] || echo sudo)
    $sudo apt-get update -qq >&2
    # RUNLEVEL=1: what is installed is not started, so that no port is taken.
    $sudo env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
      apt-get install -y -qq --no-install-recommends $missing >&2 </dev/null
  fi
  for pair in "$@"; do
    command -v "${pair#*:}" >/dev/null 2>&1 && continue
    echo "${pair#*:} is missing: install it (e.g. apt-get install ${pair%%:*})" >&2
    exit 1
  done
}

module() { # program, module: built once, into .cache/bin
  [ -x ".cache/bin/$1" ] && return 0
  GOBIN="$PWD/.cache/bin" go install "$2" >&2
}
