# shellcheck shell=bash
# A login goes from GramJS to the daemon and back, as session strings.
client=gramjs
# shellcheck source=tests/interop/common.sh
. "${TGCALLD_SRCDIR:-.}/tests/interop/common.sh"

install_npm
node "$work/schema.mjs" "$work/session.tl" || exit 1
python3 "$sources/session.py" gramjs "$work/session.tl" node "$work/session.mjs"
