# shellcheck shell=bash
# TDLib (Telegram's own client library, in C++) against the sandbox, in layer 229, which both ship. Installs it below
# the build directory.
client=tdlib
# shellcheck source=tests/interop/common.sh
. "${TGCALLD_SRCDIR:-.}/tests/interop/common.sh"

install_npm
start_sandbox
TDLIB=$work/node_modules/@prebuilt-tdlib/linux-x64-glibc/libtdjson.so run_client python3 "$here/run.py"
