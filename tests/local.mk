# Each layer has one unit test program (tests/unit/<layer>), which links only its own layer and those below.
check_LIBRARIES += tests/libunit.a
tests_libunit_a_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(JANSSON_CFLAGS)
tests_libunit_a_SOURCES = \
  tests/support/fake_clock.c tests/support/fake_clock.h \
  tests/support/server_key.c tests/support/server_key.h \
  tests/support/shipped.c tests/support/shipped.h \
  tests/support/temp.c tests/support/temp.h \
  tests/support/unit.c tests/support/unit.h
UNIT_LIBS = tests/libunit.a
# For programs that make allocations fail: sources of their own, and the linker's redirection.
STARVE_FILES = tests/support/starve.c tests/support/starve.h
STARVE_LINK = -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=reallocarray
# For programs that are a server of MTProto: they need daemon/mt.
FAKE_BIND_FILES = tests/support/fake_bind.c tests/support/fake_bind.h
MT_EAR_FILES = tests/support/mt_ear.c tests/support/mt_ear.h
# Instead of daemon/net, for programs whose time is turned by hand.
FAKE_NET_FILES = daemon/net/gate.c daemon/net/gate.h \
  tests/support/fake_net.h tests/support/fake_net_internal.h tests/support/fake_net_link.c \
  tests/support/fake_net_loop.c
# Telegram's servers on that network: they need daemon/tl and daemon/mt.
FAKE_DC_FILES = $(FAKE_NET_FILES) $(MT_EAR_FILES) $(FAKE_BIND_FILES) \
  tests/support/fake_auth.c tests/support/fake_calls.c tests/support/fake_chats.c \
  tests/support/fake_dc.c tests/support/fake_dc.h tests/support/fake_dc_conn.c tests/support/fake_dc_internal.h \
  tests/support/fake_dc_key.c tests/support/fake_dc_query.c tests/support/fake_dc_session.c \
  tests/support/fake_rpc.c tests/support/fake_rpc.h \
  tests/support/fake_world.c tests/support/fake_world.h
UNIT_FOREIGN_LIBS = $(JANSSON_LIBS) $(CHECK_LIBS)

# First what takes longest and mostly waits: last, it would be alone with the machine.
TESTS += tests/interop/server_test.py tests/e2e/once.py tests/e2e/fate.py

include tests/unit/base/local.mk
include tests/unit/tl/local.mk
include tests/unit/crypto/local.mk
include tests/unit/wire/local.mk
include tests/unit/store/local.mk
include tests/unit/hook/local.mk
include tests/unit/mt/local.mk
include tests/unit/net/local.mk
include tests/unit/bridge/local.mk
include tests/unit/config/local.mk
include tests/unit/qr/local.mk
include tests/unit/calendar/local.mk
include tests/unit/cluster/local.mk
include tests/unit/ctl/local.mk
include tests/unit/program/local.mk
include tests/unit/tg/local.mk
include tests/unit/worker/local.mk
include tests/unit/api/local.mk
include tests/unit/sandbox/local.mk
include tests/fuzz/local.mk
include tests/bench/local.mk
include tests/e2e/local.mk
include tests/interop/local.mk
include tests/browser/local.mk
include tests/lint/local.mk

# The Debian package: not part of any check, but of ./bootstrap deb-test.
dist_noinst_SCRIPTS += tests/package/life.py

# All but the dashboard in a browser and the lints, which say little of how the daemon was built.
check-daemon:
	$(MAKE) check TESTS="$$(printf '%s\n' $(TESTS) | grep -vE '^tests/(browser|lint)/' | tr '\n' ' ')"
.PHONY: check-daemon

# A PostgreSQL of a test's own.
EXTRA_DIST += tests/support/balancer.py tests/support/postgres.py tests/support/with_postgresql.sh

# What the coverage of ./bootstrap coverage is the coverage of.
EXTRA_DIST += tests/support/coverage.py
check-coverage:
	$(MAKE) check TESTS="$$(printf '%s\n' $(TESTS) | grep -E '^tests/(unit|e2e)/' | tr '\n' ' ')"
.PHONY: check-coverage
