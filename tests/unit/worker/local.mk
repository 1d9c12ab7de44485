# Unit tests of worker: what needs no thread and no network.
check_PROGRAMS += tests/unit/worker/test_worker
TESTS += tests/unit/worker/test_worker
tests_unit_worker_test_worker_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(JANSSON_CFLAGS) $(SODIUM_CFLAGS) $(SQLITE_CFLAGS)
tests_unit_worker_test_worker_SOURCES = \
  %D%/main.c %D%/suites.h \
  %D%/fixture.c %D%/fixture.h \
  %D%/test_accounts.c \
  %D%/test_audit_log.c \
  %D%/test_event_log.c \
  %D%/test_guest.c \
  %D%/test_life.c \
  %D%/test_live_rule.c \
  %D%/test_problems.c \
  %D%/test_shares.c \
  %D%/test_tell.c \
  %D%/test_turns.c
tests_unit_worker_test_worker_LDADD = $(UNIT_LIBS) $(WORKER_LIBS) $(STORE_LIBS) $(TG_LIBS) $(MT_LIBS) $(NET_LIBS) $(WIRE_LIBS) $(TL_LIBS) \
  $(TGCRYPTO_LIBS) $(BRIDGE_LIBS) $(BASE_LIBS) $(UV_LIBS) $(UNIT_FOREIGN_LIBS) -lpthread -lm
# The journal, on a network that is no network and a disk that is none.
check_PROGRAMS += tests/unit/worker/test_journal
TESTS += tests/unit/worker/test_journal
tests_unit_worker_test_journal_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(JANSSON_CFLAGS) $(SODIUM_CFLAGS) $(SQLITE_CFLAGS)
tests_unit_worker_test_journal_SOURCES = \
  %D%/journal_main.c %D%/journal_suites.h \
  $(FAKE_NET_FILES) \
  %D%/fixture.c %D%/fixture.h \
  %D%/journal_bed.c %D%/journal_bed.h \
  %D%/journal_disk.c %D%/journal_disk.h \
  %D%/test_journal.c \
  %D%/test_journal_full.c \
  %D%/test_journal_jobs.c \
  %D%/test_journal_restart.c \
  %D%/test_own_job.c
tests_unit_worker_test_journal_LDADD = $(UNIT_LIBS) $(WORKER_LIBS) $(STORE_LIBS) $(TG_LIBS) $(MT_LIBS) $(WIRE_LIBS) $(TL_LIBS) \
  $(TGCRYPTO_LIBS) $(BRIDGE_LIBS) $(BASE_LIBS) $(UNIT_FOREIGN_LIBS) -lpthread -lm
# Schedules, by the rule alone and on the same network and disk.
check_PROGRAMS += tests/unit/worker/test_schedules
TESTS += tests/unit/worker/test_schedules
tests_unit_worker_test_schedules_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(JANSSON_CFLAGS) $(SODIUM_CFLAGS) $(SQLITE_CFLAGS)
tests_unit_worker_test_schedules_SOURCES = \
  %D%/schedule_main.c %D%/schedule_suites.h \
  $(FAKE_NET_FILES) \
  %D%/fixture.c %D%/fixture.h \
  %D%/journal_disk.c %D%/journal_disk.h \
  %D%/schedule_disk.c %D%/schedule_disk.h \
  %D%/schedule_world.c %D%/schedule_world.h \
  %D%/test_schedule_rule.c \
  %D%/test_schedule_skip.c \
  %D%/test_schedule_years.c
tests_unit_worker_test_schedules_LDADD = $(UNIT_LIBS) $(WORKER_LIBS) $(STORE_LIBS) $(TG_LIBS) $(MT_LIBS) $(WIRE_LIBS) $(TL_LIBS) \
  $(TGCRYPTO_LIBS) $(BRIDGE_LIBS) $(BASE_LIBS) $(UNIT_FOREIGN_LIBS) -lpthread -lm
# Chats that are kept live, on the same network and disk.
check_PROGRAMS += tests/unit/worker/test_live
TESTS += tests/unit/worker/test_live
tests_unit_worker_test_live_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(JANSSON_CFLAGS) $(SODIUM_CFLAGS) $(SQLITE_CFLAGS)
tests_unit_worker_test_live_SOURCES = \
  %D%/live_main.c %D%/live_suites.h \
  $(FAKE_NET_FILES) \
  %D%/fixture.c %D%/fixture.h \
  %D%/journal_bed.c %D%/journal_bed.h \
  %D%/journal_disk.c %D%/journal_disk.h \
  %D%/live_bed.c %D%/live_bed.h \
  %D%/live_disk.c %D%/live_disk.h \
  %D%/test_live.c
tests_unit_worker_test_live_LDADD = $(UNIT_LIBS) $(WORKER_LIBS) $(STORE_LIBS) $(TG_LIBS) $(MT_LIBS) $(WIRE_LIBS) $(TL_LIBS) \
  $(TGCRYPTO_LIBS) $(BRIDGE_LIBS) $(BASE_LIBS) $(UNIT_FOREIGN_LIBS) -lpthread -lm
