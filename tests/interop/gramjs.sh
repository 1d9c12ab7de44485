# shellcheck shell=bash
# GramJS (a JavaScript client) against the sandbox, in GramJS's own layer. Installs it below the build directory.
client=gramjs
# shellcheck source=tests/interop/common.sh
. "${TGCALLD_SRCDIR:-.}/tests/interop/common.sh"

install_npm
node "$work/schema.mjs" "$work/$client.tl" || exit 1
start_sandbox
run_client node "$work/run.mjs"
