#!/bin/sh
# Announces a call that then starts by itself: town-hall.sh CHAT TITLE DATE, for a line of a crontab such as
#   0 17 * * 4  TGCALLD_TOKEN_FILE=$HOME/.tgcalld-token town-hall.sh @town 'Town hall' 18:00
# DATE is what date -d understands. TGCALLD_URL is the daemon, TGCALLD_TOKEN_FILE has a token with the scope calls.
set -eu
url=${TGCALLD_URL:-http://127.0.0.1:8765}
token=$(cat "${TGCALLD_TOKEN_FILE:?names no file}")
[ $# -eq 3 ] || { echo "usage: $0 CHAT TITLE DATE" >&2 && exit 2; }

# What is no date ends it here.
at=$(date -d "$3" +%s)

quoted() {
    printf '%s' "$1" | sed 's/[\\"]/\\&/g; s/^/"/; s/$/"/'
}

# One call a week, however often this runs: by its key the daemon knows the request again, over a lost answer too, and says
# what it said before. curl asks again where the daemon is away or busy, as long as it says.
# fail: last week's call that nobody ended is to be noticed, not to be taken for this week's.
printf 'header = "Authorization: Bearer %s"\n' "$token" |
    curl -sS -K - --fail-with-body --retry 8 --retry-connrefused -H 'Content-Type: application/json' \
        -H "Idempotency-Key: town-hall-$(date -d "@$at" +%G-W%V)" \
        -d "{\"peer\": $(quoted "$1"), \"title\": $(quoted "$2"), \"schedule_date\": $at, \"auto_start\": true,
             \"if_exists\": \"fail\"}" \
        "$url/v1/calls"
echo
