#!/bin/sh
# A group call for as long as a command runs: call.sh CHAT TITLE COMMAND [WORD...]
# By curl alone. TGCALLD_URL is the daemon, TGCALLD_TOKEN_FILE has a token with the scope calls.
set -eu
url=${TGCALLD_URL:-http://127.0.0.1:8765}
token=$(cat "${TGCALLD_TOKEN_FILE:?names no file}")
[ $# -ge 3 ] || { echo "usage: $0 CHAT TITLE COMMAND [WORD...]" >&2 && exit 2; }

# The token goes through a pipe: a command line can be read by every process of the machine.
api() {
    printf 'header = "Authorization: Bearer %s"\n' "$token" |
        curl -sS -K - --fail-with-body -H 'Content-Type: application/json' "$@"
}

# A line of text as JSON has it.
quoted() {
    printf '%s' "$1" | sed 's/[\\"]/\\&/g; s/^/"/; s/$/"/'
}

# fail: a call that somebody else runs there is not ours to end.
answer=$(api -w '\n%header{location}' -d "{\"peer\": $(quoted "$1"), \"title\": $(quoted "$2"), \"if_exists\": \"fail\"}" \
    "$url/v1/calls") || { printf '%s: there is no call: %s\n' "$0" "$answer" >&2 && exit 1; }
# The answer's last line is where the call is: /v1/calls/ID.
call=$url$(printf '%s' "$answer" | tail -n 1)
trap 'api -o /dev/null -X DELETE "$call"' EXIT
trap 'exit 130' INT TERM
shift 2
"$@"
