check_PROGRAMS += tests/unit/bridge/test_bridge
TESTS += tests/unit/bridge/test_bridge
tests_unit_bridge_test_bridge_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_bridge_test_bridge_SOURCES = \
  %D%/main.c \
  %D%/suites.h \
  %D%/test_audit.c \
  %D%/test_choose.c \
  %D%/test_digest.c \
  %D%/test_directory.c \
  %D%/events_bed.c %D%/events_bed.h \
  %D%/test_events.c \
  %D%/test_events_followed.c \
  %D%/test_events_out.c \
  %D%/test_job.c \
  %D%/test_job_pack.c \
  %D%/test_mailbox.c \
  %D%/test_problem.c \
  %D%/test_token_use.c \
  %D%/test_tokens.c \
  %D%/tokens_bed.c %D%/tokens_bed.h
tests_unit_bridge_test_bridge_LDADD = $(UNIT_LIBS) $(BRIDGE_LIBS) $(BASE_LIBS) $(UNIT_FOREIGN_LIBS) -lpthread
