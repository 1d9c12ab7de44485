check_PROGRAMS += tests/unit/base/test_base
TESTS += tests/unit/base/test_base
tests_unit_base_test_base_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(JANSSON_CFLAGS) $(SODIUM_CFLAGS)
tests_unit_base_test_base_SOURCES = %D%/main.c %D%/suites.h %D%/test_buf.c
tests_unit_base_test_base_LDADD = $(UNIT_LIBS) $(BASE_LIBS) $(UNIT_FOREIGN_LIBS)
