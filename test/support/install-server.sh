#!/bin/sh
# Prints the path of a real slapd, or of the initdb of a PostgreSQL whose other programs are beside it,
# and installs one with what the machine has if there is none: with apt-get where it may, else by
# unpacking Debian's packages into .cache, which needs no rights. Says in one line what to do where it
# cannot, and fails: the tests that need it never skip.
#   install-server.sh slapd | postgresql
set -u

case "$1" in
  slapd) program=slapd package=slapd given="${SLAPD:-}" variable=SLAPD ;;
  postgresql) program=initdb package=postgresql given="${INITDB:-}" variable=INITDB ;;
  *) echo "$0 slapd|postgresql" >&2; exit 2 ;;
esac
PATH="$PATH:/usr/sbin:/usr/local/sbin"
unpacked="$PWD/.cache/servers/$package"

find_program() {
  command -v "$program" && return 0
  for file in /usr/lib/postgresql/*/bin/"$program" "$unpacked/bin/$program"; do
    [ -x "$file" ] && echo "$file" && return 0
  done
  return 1
}

# RUNLEVEL=1 asks Debian not to start the service: the tests start servers of their own.
install() {
  export DEBIAN_FRONTEND=noninteractive
  $1 apt-get update -qq
  $1 env RUNLEVEL=1 apt-get install -y -qq --no-install-recommends "$package"
}

# Lists and packages in folders of our own; every package that apt-get would install is unpacked.
unpack() {
  mkdir -p "$unpacked/apt/lists/partial" "$unpacked/apt/cache/archives/partial" "$unpacked/root" "$unpacked/bin"
  set -- -o "Dir::State::Lists=$unpacked/apt/lists" -o "Dir::Cache=$unpacked/apt/cache" -o Debug::NoLocking=1
  apt-get "$@" update -qq
  names=$(apt-get "$@" -s install --no-install-recommends "$package" | sed -n 's/^Inst \([^ ]*\) .*/\1/p')
  (cd "$unpacked/apt" && apt-get "$@" download -qq $names)
  for file in "$unpacked"/apt/*.deb; do dpkg-deb -x "$file" "$unpacked/root"; done
  for real in "$unpacked"/root/usr/sbin/slapd "$unpacked"/root/usr/lib/postgresql/*/bin/*; do
    [ -x "$real" ] || continue
    # Libraries that came along are found beside those of the machine.
    libraries=$(find "$unpacked/root" -name '*.so*' -exec dirname {} \; | sort -u | paste -sd: -)
    printf '#!/bin/sh\nLD_LIBRARY_PATH="%s" exec "%s" "$@"\n' "$libraries" "$real" >"$unpacked/bin/$(basename "$real")"
    chmod +x "$unpacked/bin/$(basename "$real")"
  done
}

if [ -n "$given" ]; then
  command -v "$given" && exit 0
  echo "$variable is $given, and that is no program" >&2
  exit 1
fi
find_program && exit 0

{
  if command -v apt-get; then
    if [ "$(id -u)" -eq 0 ]; then
      install ''
    elif command -v sudo && sudo -n true; then
      install sudo
    fi
    find_program || unpack
  elif command -v brew; then
    brew install "$([ "$package" = slapd ] && echo openldap || echo postgresql)"
  fi
} >&2 </dev/null

find_program && exit 0
echo "$program is missing: install it (e.g. apt-get install $package) or set $variable to its path" >&2
exit 1
