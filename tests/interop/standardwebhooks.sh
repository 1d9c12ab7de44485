# shellcheck shell=bash
# What the daemon sends, received by the package that the authors of Standard Webhooks publish: each delivery is verified by it.
client=standardwebhooks
# shellcheck source=tests/interop/common.sh
. "${TGCALLD_SRCDIR:-.}/tests/interop/common.sh"

daemon=
# shellcheck disable=SC2317  # the trap calls it
stop() { [ -z "$daemon" ] || kill "$daemon" 2>/dev/null; }
trap stop EXIT

install_npm
rm -rf "$work/state"
"${TGCALLD_BUILDDIR:-.}/tgcalld" --sandbox --listen 127.0.0.1:0 --state-dir "$work/state" >"$work/daemon.log" 2>&1 &
daemon=$!
for ((i = 0; i < 1800; i++)); do
    [ ! -e "$work/state/listen" ] || break
    sleep 0.1
done
status=0
node "$work/run.mjs" "$(head -n 1 "$work/state/listen")" "$(cat "$work/state/admin.token")" "${TGCALLD_SRCDIR:-.}/README.md" || status=1
kill "$daemon"
wait "$daemon" || {
    echo '# the daemon did not end cleanly'
    status=1
}
daemon=
exit $status
