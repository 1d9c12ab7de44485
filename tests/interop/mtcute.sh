# shellcheck shell=bash
# mtcute (a TypeScript client) against the sandbox, in mtcute's own layer. Installs it below the build directory.
client=mtcute
# shellcheck source=tests/interop/common.sh
. "${TGCALLD_SRCDIR:-.}/tests/interop/common.sh"

install_npm
node "$work/schema.mjs" "$work/node_modules/@mtcute/core/tl/api-schema.json" "$work/$client.tl" || exit 1
start_sandbox
run_client node "$work/run.mjs"
