# shellcheck shell=bash
# Telethon catches up by differences with what it missed.
client=telethon
# shellcheck source=tests/interop/common.sh
. "${TGCALLD_SRCDIR:-.}/tests/interop/common.sh"

# Its own folder: telethon.sh may run beside it.
work=${TGCALLD_BUILDDIR:-.}/tests/interop/telethon-updates.work
python=/usr/bin/python3
mkdir -p "$work" || exit 1
"$python" -c 'import telethon' 2>"$work/import.log" || skip 'the Debian package python3-telethon is needed'
"$python" "$here/schema.py" "$work/$client.tl" || exit 1
start_sandbox
run_client "$python" "$here/updates.py"
