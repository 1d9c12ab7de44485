# Clients of other people's against the sandbox, and one that is generated against the daemon.
dist_check_SCRIPTS += %D%/gramjs.sh %D%/mtcute.sh %D%/mtproto-core.sh %D%/openapi.sh %D%/standardwebhooks.sh %D%/tdlib.sh %D%/telethon.sh \
  %D%/gramjs-session.sh %D%/mtcute-session.sh %D%/telethon-session.sh %D%/telethon-updates.sh
TESTS += %D%/gramjs.sh %D%/mtcute.sh %D%/mtproto-core.sh %D%/openapi.sh %D%/standardwebhooks.sh %D%/tdlib.sh %D%/telethon.sh \
  %D%/gramjs-session.sh %D%/mtcute-session.sh %D%/telethon-session.sh %D%/telethon-updates.sh
EXTRA_DIST += \
  %D%/checks.mjs %D%/common.sh %D%/session.py %D%/tap.mjs \
  %D%/gramjs/package.json %D%/gramjs/package-lock.json %D%/gramjs/key.mjs %D%/gramjs/run.mjs \
  %D%/gramjs/schema.mjs %D%/gramjs/session.mjs \
  %D%/mtcute/package.json %D%/mtcute/package-lock.json %D%/mtcute/run.mjs \
  %D%/mtcute/in_call.mjs %D%/mtcute/schema.mjs %D%/mtcute/session.mjs \
  %D%/mtproto-core/package.json %D%/mtproto-core/package-lock.json %D%/mtproto-core/run.mjs \
  %D%/mtproto-core/schema.mjs \
  %D%/openapi/create.ts %D%/openapi/package.json %D%/openapi/package-lock.json \
  %D%/standardwebhooks/package.json %D%/standardwebhooks/package-lock.json %D%/standardwebhooks/run.mjs \
  %D%/tdlib/package.json %D%/tdlib/package-lock.json %D%/tdlib/run.py %D%/tdlib/tdjson.py \
  %D%/telethon/run.py %D%/telethon/schema.py %D%/telethon/session.py %D%/telethon/updates.py

# What the clients install for themselves.
clean-local:
	rm -rf tests/interop/gramjs.work tests/interop/mtcute.work tests/interop/mtproto-core.work tests/interop/openapi.work tests/interop/standardwebhooks.work tests/interop/tdlib.work \
	  tests/interop/telethon.work tests/interop/telethon-updates.work

# What README says of the sandbox, done as it stands there.
dist_check_SCRIPTS += %D%/readme.py
TESTS += %D%/readme.py

# The daemon against a server written from the documents alone.
# tests/local.mk has it among TESTS already.
dist_check_SCRIPTS += %D%/server_test.py
EXTRA_DIST += %D%/server/__init__.py %D%/server/crypto.py %D%/server/framing.py %D%/server/habits.py %D%/server/handshake.py \
  %D%/server/server.py %D%/server/session.py %D%/server/tamper.py %D%/server/tl.py %D%/server/world.py

# What comes again, and time zones, beside implementations of other people's.
dist_check_SCRIPTS += %D%/dates.py
TESTS += %D%/dates.py
EXTRA_DIST += %D%/dates/reference.py %D%/dates/rules.py
check_PROGRAMS += tests/interop/dates/occurrences
tests_interop_dates_occurrences_SOURCES = %D%/dates/occurrences.c
tests_interop_dates_occurrences_LDADD = $(CALENDAR_LIBS) $(BASE_LIBS)
