# shellcheck shell=bash
# A login goes from Telethon to the daemon and back, as session strings.
client=telethon
# shellcheck source=tests/interop/common.sh
. "${TGCALLD_SRCDIR:-.}/tests/interop/common.sh"

python=/usr/bin/python3
mkdir -p "$work" || exit 1
"$python" -c 'import telethon' 2>"$work/session.log" || skip 'the Debian package python3-telethon is needed'
"$python" "$here/schema.py" "$work/session.tl" || exit 1
python3 "$sources/session.py" telethon "$work/session.tl" "$python" "$here/session.py"
