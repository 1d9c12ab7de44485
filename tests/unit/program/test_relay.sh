#!/usr/bin/env bash
# The unit tests of the relay, in a PostgreSQL server of their own.
exec "${TGCALLD_SRCDIR:-.}/tests/support/with_postgresql.sh" tests/unit/program/test_relay
