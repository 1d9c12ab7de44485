# shellcheck shell=bash
# A login goes from mtcute to the daemon and back, as session strings.
client=mtcute
# shellcheck source=tests/interop/common.sh
. "${TGCALLD_SRCDIR:-.}/tests/interop/common.sh"

install_npm
node "$work/schema.mjs" "$work/node_modules/@mtcute/core/tl/api-schema.json" "$work/session.tl" || exit 1
python3 "$sources/session.py" mtcute "$work/session.tl" node "$work/session.mjs"
