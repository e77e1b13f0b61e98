#!/usr/bin/env bash
# Builds the Dockerfile and starts what comes out, without an engine and without a registry: buildah
# with chroot isolation, and in place of the two base images local stubs made of this machine's own
# node and node_modules. What it shows: the stages fit together, what is copied is enough, uid 65532
# runs it without writing anywhere, and HEALTHCHECK's command answers. What it cannot: the real bases.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ "$(id -u)" -ne 0 ]; then
  echo 'image: not run (needs root)'
  exit 0
fi

if ! command -v buildah >/dev/null 2>&1; then
  { apt-get update -qq && apt-get install -y -qq --no-install-recommends buildah; } >/dev/null 2>&1 </dev/null ||
    { echo 'image: not run (no buildah)'; exit 0; }
fi

work=$(mktemp -d)
server=
finish() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  wait
  [ -z "${container:-}" ] || b umount "$container" >/dev/null
  rm -rf "$work"
}
trap finish EXIT
b() { buildah --root "$work/root" --runroot "$work/run" --storage-driver vfs "$@"; }

# A program with the libraries that it loads, below a root.
bring() { # program, root, target
  mkdir -p "$2/$(dirname "$3")"
  cp "$1" "$2/$3"
  ldd "$1" | grep -o '/[^ ]*' | while read -r library; do
    mkdir -p "$2$(dirname "$library")"
    cp -Ln "$library" "$2$library"
  done
}

node=$(node -p process.execPath)
mkdir -p "$work/build/tmp" "$work/build/usr/local/bin" "$work/run-base/tmp"
bring "$node" "$work/build" usr/local/bin/node
bring "$(command -v sh)" "$work/build" bin/sh
# npm itself, for the bill of materials; node_modules are those of this machine.
npm=$(dirname "$(dirname "$(node -p "fs.realpathSync('$(command -v npm)')")")")
mkdir -p "$work/build/usr/local/lib"
cp -R "$npm" "$work/build/usr/local/lib/npm"
cat >"$work/build/usr/local/bin/npm" <<'SH'
#!/bin/sh
[ "$1" = ci ] && exit 0
exec /usr/local/bin/node /usr/local/lib/npm/bin/npm-cli.js "$@"
SH
chmod +x "$work/build/usr/local/bin/npm"
chmod 1777 "$work/build/tmp" "$work/run-base/tmp" # as in every base
bring "$node" "$work/run-base" nodejs/bin/node

for base in build run-base; do
  printf 'FROM scratch\nCOPY . /\n' >"$work/Dockerfile"
  b build -q --isolation chroot -f "$work/Dockerfile" -t "stub-$base" "$work/$base" >/dev/null
done

b build --isolation chroot --format docker --volume "$PWD/node_modules:/src/node_modules:ro" \
  --build-arg VERSION=1.2.3 --build-arg REVISION=abc --build-arg BUILD_IMAGE=localhost/stub-build --build-arg RUN_IMAGE=localhost/stub-run-base \
  --tag asteroid .

# Two ports that were free a moment ago.
read -r port admin < <(node -e '
  const net = require("node:net");
  const [a, b] = [0, 0].map(() => net.createServer().listen(0, "127.0.0.1"));
  a.on("listening", () => b.on("listening", () => {
    console.log(a.address().port, b.address().port); a.close(); b.close();
  }));')

etc=$work/etc
mkdir -p "$etc"
(umask 077 && printf '%s' "$(head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n')" >"$etc/secret")
printf 'clients: []\n' >"$etc/clients.yaml"
printf 'users: [{ sub: alice, name: Alice Example }]\n' >"$etc/users.yaml"
cat >"$etc/asteroid.yaml" <<YAML
issuer: http://127.0.0.1:$port
listen:
  public: { host: 127.0.0.1, port: $port }
  admin: { host: 127.0.0.1, port: $admin }
upstream:
  trust:
    peers: [127.0.0.1/32]
    secret: { header: X-Asteroid-Upstream-Secret, files: [secret] }
  headers: { subject: { name: X-Authenticated-User } }
store: { driver: memory }
clients: { file: clients.yaml }
userinfo: { backends: [{ type: yaml, file: users.yaml }] }
keys: { source: ephemeral }
YAML
container=$(b from localhost/asteroid)
image=$(b mount "$container")
mkdir -p "$image/etc"
cp -r "$etc" "$image/etc/asteroid"
chown -R 65532:65532 "$image/etc/asteroid"
program=(/nodejs/bin/node /app/dist/asteroid.js)
inside() { chroot --userspec=65532:65532 "$image" "$@"; }

b inspect --type image asteroid | node -e '
  const { config } = JSON.parse(JSON.parse(require("node:fs").readFileSync(0, "utf8")).Config);
  const problems = [
    config.User !== "65532:65532" && `runs as ${config.User}`,
    config.Healthcheck?.Test?.[0] !== "CMD" && "HEALTHCHECK is not in exec form",
    config.Labels?.["org.opencontainers.image.version"] !== "1.2.3" && "no label says its version",
    config.Labels?.["org.opencontainers.image.revision"] !== "abc" && "no label says its revision",
    config.Entrypoint?.[0] !== "/nodejs/bin/node" && "ENTRYPOINT needs a shell",
  ].filter(Boolean);
  if (problems.length > 0) { console.error(problems.join("\n")); process.exit(1); }'

# Every package that went into the bundle is in the bill of materials, and none has a part made for one
# processor: the same files run on amd64 and arm64.
node -e '
  const { readdirSync, readFileSync } = require("node:fs");
  const [, app] = process.argv;
  const { components } = JSON.parse(readFileSync(`${app}/sbom.cdx.json`));
  const listed = new Set(components.map(({ group, name }) => (group ? `${group}/${name}` : name)));
  const files = readdirSync(`${app}/dist`, { recursive: true }).map(String);
  const bundled = new Set(
    files.filter((file) => file.endsWith(".js.map")).flatMap((file) =>
      JSON.parse(readFileSync(`${app}/dist/${file}`)).sources.flatMap((source) =>
        source.match(/(?<=node_modules\/)(?:@[^/]+\/)?[^/]+(?=\/(?!.*node_modules))/) ?? [])));
  const problems = [
    ...[...bundled].filter((name) => !listed.has(name)).map((name) => `not in the bill: ${name}`),
    ...files.filter((file) => /\.(node|so|wasm)$/.test(file)).map((file) => `native: ${file}`),
    ...(bundled.size < 10 ? [`only ${bundled.size} packages are in the bundle`] : []),
  ];
  if (problems.length > 0) { console.error(problems.join("\n")); process.exit(1); }
  console.log(`image: ${bundled.size} packages, all of them among the ${listed.size} of its bill of materials`);' "$image/app"

# Nothing that uid 65532 could write to: as strict as a read-only root file system.
writable=$(find "$image/app" -user 65532 -o -perm -o+w -not -type l)
[ -z "$writable" ] || { echo "image: writable: $writable" >&2; exit 1; }

chroot --userspec=65532:65532 "$image" "${program[@]}" serve --config /etc/asteroid/asteroid.yaml &
server=$!
for _ in $(seq 50); do
  if inside "${program[@]}" health --url "http://127.0.0.1:$admin/readyz" 2>/dev/null; then
    echo 'image: builds, starts as uid 65532 and is healthy'
    exit 0
  fi
  kill -0 "$server" 2>/dev/null || break
  sleep 0.2
done
echo 'image: did not become healthy' >&2
exit 1
