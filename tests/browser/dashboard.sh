# shellcheck shell=bash
# The dashboard in Chromium, driven by Playwright and judged by axe-core, both installed below the build directory.
client=dashboard
folder=browser
# shellcheck source=tests/interop/common.sh
. "${TGCALLD_SRCDIR:-.}/tests/interop/common.sh"

browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || skip 'Chromium is needed'
install_npm
cp -f "${TGCALLD_SRCDIR:-.}/tests/interop/checks.mjs" "$work/" || exit 1
chmod u+w "$work"/*.mjs
rm -rf "$work/state" "$work/shots"
mkdir "$work/shots" || exit 1
# Waited for, so that a signal to this shell ends it too.
trap '[ -z "$run" ] || kill "$run" 2>/dev/null' EXIT
node "$work/run.mjs" "${TGCALLD_BUILDDIR:-.}/tgcalld" "$work" "$browser" &
run=$!
status=0
wait "$run" || status=$?
run=
exit $status
