# Unit tests of ctl; what it does with a daemon is in tests/e2e.
check_PROGRAMS += tests/unit/ctl/test_ctl
TESTS += tests/unit/ctl/test_ctl
tests_unit_ctl_test_ctl_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(CURL_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_ctl_test_ctl_SOURCES = \
  %D%/main.c \
  %D%/suites.h \
  %D%/test_advice.c \
  %D%/test_commands.c \
  %D%/test_pick.c \
  %D%/test_prompt.c \
  %D%/test_table.c
tests_unit_ctl_test_ctl_LDADD = $(UNIT_LIBS) $(CTL_LIBS) $(QR_LIBS) $(SETTINGS_LIBS) $(BASE_LIBS) $(CURL_LIBS) $(UNIT_FOREIGN_LIBS) \
  -lpthread
