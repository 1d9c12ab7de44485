#!/usr/bin/env bash
# The unit tests of a node that follows, with its database in a server of their own.
exec "${TGCALLD_SRCDIR:-.}/tests/support/with_postgresql.sh" tests/unit/program/test_follow
