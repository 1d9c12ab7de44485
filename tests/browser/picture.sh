# shellcheck shell=bash
# The picture of the dashboard that README shows, made anew: bash tests/browser/picture.sh FILE.png
# By hand, with TGCALLD_SRCDIR and TGCALLD_BUILDDIR set; it is no test.
client=dashboard
folder=browser
# shellcheck source=tests/interop/common.sh
. "${TGCALLD_SRCDIR:-.}/tests/interop/common.sh"

browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || skip 'Chromium is needed'
install_npm
cp -f "${TGCALLD_SRCDIR:-.}/tests/interop/checks.mjs" "$work/" || exit 1
rm -rf "$work/state"
node "$work/picture.mjs" "${TGCALLD_BUILDDIR:-.}/tgcalld" "$work" "$browser" "${1:?which file?}"
