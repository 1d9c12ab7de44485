# Unit tests of tl.
check_PROGRAMS += tests/unit/tl/test_tl
TESTS += tests/unit/tl/test_tl
tests_unit_tl_test_tl_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(JANSSON_CFLAGS) $(SODIUM_CFLAGS)
tests_unit_tl_test_tl_SOURCES = %D%/main.c %D%/suites.h %D%/support.c %D%/support.h %D%/test_schema.c
tests_unit_tl_test_tl_LDADD = $(UNIT_LIBS) $(TL_LIBS) $(BASE_LIBS) $(UNIT_FOREIGN_LIBS) -lm
