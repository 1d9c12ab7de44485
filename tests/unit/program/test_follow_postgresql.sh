#!/usr/bin/env bash
# The unit tests of a node that follows, with its database in a server of their own.
set -euo pipefail

here=${TGCALLD_SRCDIR:-.}
folder=$(mktemp -u "${TMPDIR:-/tmp}/tgcalld-test-XXXXXX")
status=0
TGCALLD_TEST_DATABASE=$("$here/tests/support/postgres.py" start "$folder") || status=$?
if [ "$status" -eq 77 ]; then
    echo '1..0 # SKIP there is no PostgreSQL here'
    exit 0
fi
[ "$status" -eq 0 ] || exit "$status"
export TGCALLD_TEST_DATABASE TGCALLD_TEST_SERVER="$folder"
# Not exec: the server ends with this process.
"${TGCALLD_BUILDDIR:-.}/tests/unit/program/test_follow"
