# Unit tests of calendar.
check_PROGRAMS += tests/unit/calendar/test_calendar
TESTS += tests/unit/calendar/test_calendar
tests_unit_calendar_test_calendar_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_calendar_test_calendar_SOURCES = \
  %D%/bed.c %D%/bed.h \
  %D%/main.c \
  $(STARVE_FILES) \
  %D%/suites.h \
  %D%/test_follow.c \
  %D%/test_rule.c \
  %D%/test_starved.c \
  %D%/test_title.c \
  %D%/test_zone.c
tests_unit_calendar_test_calendar_LDFLAGS = $(AM_LDFLAGS) $(STARVE_LINK)
tests_unit_calendar_test_calendar_LDADD = $(UNIT_LIBS) $(CALENDAR_LIBS) $(BASE_LIBS) $(UNIT_FOREIGN_LIBS)
EXTRA_DIST += tests/data/calendar/rfc5545.json
