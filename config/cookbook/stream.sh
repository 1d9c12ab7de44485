#!/bin/sh
# Streams a file into a chat's livestream, and ends that with it: stream.sh CHAT TITLE FILE
# Needs ffmpeg. By tgcalldctl, which finds a daemon of this machine by itself (else TGCALLDCTL='tgcalldctl --url …').
set -eu
ctl=${TGCALLDCTL:-tgcalldctl} tab=$(printf '\t')
[ $# -eq 3 ] || { echo "usage: $0 CHAT TITLE FILE" >&2 && exit 2; }
[ -r "$3" ] || { echo "$0: $3 cannot be read" >&2 && exit 2; }

# fail: a call that somebody else runs there is not ours to end, nor to stream into.
call=$($ctl call create "$1" --title "$2" --rtmp --if-exists fail)
id=${call%%"$tab"*}
trap '$ctl call end "$id" >/dev/null' EXIT
trap 'exit 130' INT TERM
where=$($ctl peers rtmp "$1")
# The key is a secret: who has it streams here. Whoever may list this machine's processes sees it while ffmpeg runs.
ffmpeg -nostdin -loglevel warning -re -i "$3" -c:v libx264 -preset veryfast -b:v 2500k -maxrate 2500k -bufsize 5000k -g 60 \
    -pix_fmt yuv420p -c:a aac -b:a 128k -ar 44100 -f flv "${where%%"$tab"*}${where#*"$tab"}"
