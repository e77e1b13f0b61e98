#!/bin/sh
# A sign-in against `asteroid dev`, with curl and what every system has. ASTEROID is the command that
# starts the program (`asteroid` when unset). With CONTROL_FILE nothing is started: it is the
# --control-file of an `asteroid dev` that runs already.
#
# A shell cannot verify a signature without pain: what stands in the ID Token is checked here, its
# signature is not.
set -eu

folder=$(mktemp -d)
process=
trap '[ -z "$process" ] || kill "$process"; rm -rf "$folder"' EXIT INT TERM

fail() {
  echo "not as it should be: $*" >&2
  exit 1
}

# The value of a member, of JSON whose members have different names and no escapes: for anything else
# take jq.
member() {
  sed -n "s/.*\"$1\":\"\{0,1\}\([^\",}]*\).*/\1/p"
}

# --- an issuer: the one that runs, or one on free ports, whose access is in a file when it is ready

control_file=${CONTROL_FILE:-}
if [ -z "$control_file" ]; then
  control_file=$folder/control.json
  ${ASTEROID:-asteroid} dev --port 0 --admin-port 0 --control-file "$control_file" >/dev/null &
  process=$!
  while [ ! -e "$control_file" ]; do
    kill -0 "$process" || fail 'asteroid dev did not start'
    sleep 0.1
  done
fi
url=$(member url <"$control_file")
# In a file, since every user of the machine may read the arguments of a program.
printf 'header = "Authorization: Bearer %s"\n' "$(member token <"$control_file")" >"$folder/curlrc"

control() { # method, path[, JSON]
  curl -sS --fail-with-body -K "$folder/curlrc" -X "$1" ${3:+--json "$3"} "$url$2"
}

# --- one of its own for this script, with a client and an End-User who is signed in

opened=$(control POST /issuers '{"clients":[],"users":[]}')
id=$(echo "$opened" | member id)
issuer=$(echo "$opened" | member issuer)

redirect_uri=https://app.example/callback
secret=what-only-the-client-knows-0123456789
control PUT "/issuers/$id/clients/web" "{\"client_secret\":\"$secret\",\"redirect_uris\":[\"$redirect_uri\"]}"
control PUT "/issuers/$id/users/ada" '{"name":"Ada","email":"ada@app.example"}'
control PUT "/issuers/$id/sign-in" '{"user":"ada"}'

# --- the code, as a browser fetches it, redirect by redirect

metadata=$(curl -sS --fail "${issuer%/}/.well-known/openid-configuration")
endpoint() {
  echo "$metadata" | member "$1_endpoint"
}

# The pair of RFC 7636, appendix B: chance is for real clients.
verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk
challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM

sign_in() { # nonce: prints the token response
  next="$(endpoint authorization)?client_id=web&response_type=code&scope=openid%20email"
  next="$next&redirect_uri=https%3A%2F%2Fapp.example%2Fcallback&state=s1&nonce=$1"
  next="$next&code_challenge=$challenge&code_challenge_method=S256"
  hops=0
  while case $next in "$redirect_uri"*) false ;; esac; do
    hops=$((hops + 1))
    [ "$hops" -le 5 ] || fail 'sent in circles'
    next=$(curl -sS -b "$folder/cookies" -c "$folder/cookies" -o /dev/null -w '%{redirect_url}' "$next")
    [ -n "$next" ] || fail 'no redirect: is there a page that asks something?'
  done
  case $next in *[?\&]state=s1*) ;; *) fail "another state: $next" ;; esac
  code=$(echo "$next" | sed 's/.*[?&]code=//; s/&.*//')
  curl -sS --fail-with-body -u "web:$secret" -d grant_type=authorization_code \
    --data-urlencode "redirect_uri=$redirect_uri" -d "code=$code" -d "code_verifier=$verifier" \
    "$(endpoint token)"
}

claims() { # of the JWT on standard input
  payload=$(cut -d . -f 2 | tr '_-' '/+')
  while [ $((${#payload} % 4)) -ne 0 ]; do payload="$payload="; done
  printf %s "$payload" | base64 -d
}

expect() { # what, found, wanted
  [ "$2" = "$3" ] || fail "$1 is $2, not $3"
  echo "ok: $1 is $3"
}

tokens=$(sign_in n1)
id_token=$(echo "$tokens" | member id_token | claims)
expect iss "$(echo "$id_token" | member iss)" "$issuer"
expect aud "$(echo "$id_token" | member aud)" web
expect sub "$(echo "$id_token" | member sub)" ada
expect nonce "$(echo "$id_token" | member nonce)" n1
expect asteroid_dev "$(echo "$id_token" | member asteroid_dev)" true
now=$(control GET "/issuers/$id/clock" | member now)
[ "$(echo "$id_token" | member exp)" -gt "$now" ] || fail 'the ID Token is over already'

# --- two hours later its access token is refused

access_token=$(echo "$tokens" | member access_token)
userinfo() {
  curl -sS -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $access_token" "$(endpoint userinfo)"
}
expect 'userinfo' "$(userinfo)" 200
control POST "/issuers/$id/clock/advance" '{"by":"2h"}' >/dev/null
expect 'userinfo, two hours later' "$(userinfo)" 401

# --- a fault, once: an ID Token that was made for somebody else's browser

control POST "/issuers/$id/faults" '{"do":"id_token.nonce.wrong","times":1}' >/dev/null
found=$(sign_in n2 | member id_token | claims | member nonce)
[ "$found" != n2 ] || fail 'the fault did not happen'
echo "ok: nonce, by a fault, is $found"
expect 'nonce, afterwards' "$(sign_in n3 | member id_token | claims | member nonce)" n3

control DELETE "/issuers/$id"
echo 'all is well'
