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
