#!/usr/bin/env bash
# with_postgresql.sh PROGRAM: runs a unit test's PROGRAM, a path below the build's folder, with a PostgreSQL server of its
# own: TGCALLD_TEST_DATABASE is the URL of a database there, TGCALLD_TEST_SERVER the server's folder (postgres.py).
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
"${TGCALLD_BUILDDIR:-.}/$1"
