# shellcheck shell=bash
# @mtproto/core (a JavaScript client with the key exchange of old) against the sandbox, in its own layer. Installs it
# below the build directory.
client=mtproto-core
# shellcheck source=tests/interop/common.sh
. "${TGCALLD_SRCDIR:-.}/tests/interop/common.sh"

install_npm
node "$work/schema.mjs" "$work/$client.tl" "${TGCALLD_SRCDIR:-.}"/config/schema/layer-*.tl || exit 1
start_sandbox
run_client node "$work/run.mjs"
