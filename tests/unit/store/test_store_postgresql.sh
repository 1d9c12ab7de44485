#!/usr/bin/env bash
# The unit tests of the store with each of their stores in a database of PostgreSQL's, in a server of their own.
exec "${TGCALLD_SRCDIR:-.}/tests/support/with_postgresql.sh" tests/unit/store/test_store
