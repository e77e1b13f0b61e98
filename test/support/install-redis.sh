#!/bin/sh
# Prints the path of a real redis-server, and installs one with what the machine has if there is
# none. Says in one line what to do where it cannot, and fails: the tests that need it never skip.
set -u

if [ -n "${REDIS_SERVER:-}" ]; then
  command -v "$REDIS_SERVER" && exit 0
  echo "REDIS_SERVER is $REDIS_SERVER, and that is no program" >&2
  exit 1
fi
command -v redis-server && exit 0

# RUNLEVEL=1 asks Debian not to start the service: the tests start servers of their own.
apt() {
  export DEBIAN_FRONTEND=noninteractive
  $1 apt-get update -qq
  $1 env RUNLEVEL=1 apt-get install -y -qq --no-install-recommends redis-server
}

{
  if command -v apt-get; then
    if [ "$(id -u)" -eq 0 ]; then
      apt ''
    elif command -v sudo; then
      apt sudo
    fi
  elif command -v brew; then
    brew install redis
  fi
} >&2 </dev/null

command -v redis-server && exit 0
echo 'redis-server is missing: install it (e.g. apt-get install redis-server) or set REDIS_SERVER to its path' >&2
exit 1
