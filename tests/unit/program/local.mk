# Unit tests of the files at the top (daemon/*.c) that stand alone.
check_PROGRAMS += tests/unit/program/test_program
TESTS += tests/unit/program/test_program
tests_unit_program_test_program_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_program_test_program_SOURCES = \
  daemon/signals.c daemon/signals.h \
  %D%/main.c \
  %D%/suites.h \
  %D%/test_signals.c
tests_unit_program_test_program_LDADD = $(UNIT_LIBS) $(BASE_LIBS) $(UNIT_FOREIGN_LIBS) -lpthread

# What is kept in a store, on a disk that has bad days.
check_PROGRAMS += tests/unit/program/test_kept
TESTS += tests/unit/program/test_kept
tests_unit_program_test_kept_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(JANSSON_CFLAGS) $(SQLITE_CFLAGS)
tests_unit_program_test_kept_SOURCES = \
  daemon/state_dir.c daemon/state_dir.h \
  daemon/token_files.c daemon/token_files.h \
  daemon/tokens_kept.c daemon/tokens_kept.h \
  tests/support/disk.c tests/support/disk.h \
  %D%/main_kept.c \
  %D%/suites.h \
  %D%/test_tokens_kept.c
tests_unit_program_test_kept_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=write,--wrap=rename,--wrap=unlink,--wrap=fsync
tests_unit_program_test_kept_LDADD = $(UNIT_LIBS) $(STORE_LIBS) $(BRIDGE_LIBS) $(TGCRYPTO_LIBS) $(BASE_LIBS) \
  $(UNIT_FOREIGN_LIBS) -lpthread

# What nodes ask each other, through a database of PostgreSQL's.
check_PROGRAMS += tests/unit/program/test_relay
dist_check_SCRIPTS += %D%/test_relay.sh
TESTS += %D%/test_relay.sh
tests_unit_program_test_relay_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(JANSSON_CFLAGS) $(PQ_CFLAGS)
tests_unit_program_test_relay_SOURCES = \
  daemon/relay.c daemon/relay.h \
  %D%/main_relay.c \
  %D%/relay_bed.c %D%/relay_bed.h \
  %D%/suites.h \
  %D%/test_relay.c
tests_unit_program_test_relay_LDADD = $(UNIT_LIBS) $(STORE_LIBS) $(BRIDGE_LIBS) $(TGCRYPTO_LIBS) $(BASE_LIBS) \
  $(UNIT_FOREIGN_LIBS) -lpthread

# What a node knows while another one has the accounts, in a database of PostgreSQL's.
check_PROGRAMS += tests/unit/program/test_follow
tests_unit_program_test_follow_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_program_test_follow_SOURCES = \
  daemon/events_kept.c daemon/events_kept.h \
  daemon/follow.c daemon/follow.h \
  daemon/tokens_kept.c daemon/tokens_kept.h \
  %D%/main_follow.c \
  %D%/suites.h \
  %D%/test_follow.c
tests_unit_program_test_follow_LDADD = $(UNIT_LIBS) $(STORE_LIBS) $(BRIDGE_LIBS) $(TGCRYPTO_LIBS) $(BASE_LIBS) \
  $(UNIT_FOREIGN_LIBS) -lpthread
dist_check_SCRIPTS += %D%/test_follow_postgresql.sh
TESTS += %D%/test_follow_postgresql.sh
