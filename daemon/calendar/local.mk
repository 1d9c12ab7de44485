# Dates that come again, and time zones.
noinst_LIBRARIES += daemon/calendar/libcalendar.a
daemon_calendar_libcalendar_a_SOURCES = \
  %D%/recur.c %D%/recur.h \
  %D%/recur_parse.c \
  %D%/rule.c %D%/rule.h \
  %D%/title.c %D%/title.h \
  %D%/years.h \
  %D%/zone.c %D%/zone.h %D%/zone_internal.h \
  %D%/zone_file.c \
  %D%/zone_rule.c %D%/zone_rule.h \
  %D%/zone_span.h
CALENDAR_LIBS = daemon/calendar/libcalendar.a
