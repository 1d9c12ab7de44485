# shellcheck shell=bash
# Telethon (a Python client, as Debian ships it) against the sandbox, in Telethon's own layer.
client=telethon
# shellcheck source=tests/interop/common.sh
. "${TGCALLD_SRCDIR:-.}/tests/interop/common.sh"

# Debian's interpreter, which is the one that sees Debian's package.
python=/usr/bin/python3
mkdir -p "$work" || exit 1
"$python" -c 'import telethon' 2>"$work/import.log" || skip 'the Debian package python3-telethon is needed'
"$python" "$here/schema.py" "$work/$client.tl" || exit 1
start_sandbox
run_client "$python" "$here/run.py"
