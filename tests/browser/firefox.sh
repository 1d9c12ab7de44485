# shellcheck shell=bash
# The dashboard in an unmodified Firefox, driven by Puppeteer through WebDriver BiDi and judged by axe-core.
client=firefox
folder=browser
# shellcheck source=tests/interop/common.sh
. "${TGCALLD_SRCDIR:-.}/tests/interop/common.sh"

browser=$(command -v firefox-esr || command -v firefox) || skip 'Firefox is needed'
install_npm
cp -f "${TGCALLD_SRCDIR:-.}/tests/interop/checks.mjs" "$work/" || exit 1
chmod u+w "$work"/*.mjs
rm -rf "$work/state" "${work:?}/home"
mkdir "$work/home" || exit 1
# Waited for, so that a signal to this shell ends it too.
trap '[ -z "$run" ] || kill "$run" 2>/dev/null' EXIT
# It refuses to use a home that is somebody else's.
HOME=$(cd "$work/home" && pwd -P) TZ=Europe/Berlin node "$work/run.mjs" "${TGCALLD_BUILDDIR:-.}/tgcalld" "$work" "$browser" &
run=$!
status=0
wait "$run" || status=$?
run=
exit $status
