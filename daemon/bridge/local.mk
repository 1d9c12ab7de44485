noinst_LIBRARIES += daemon/bridge/libbridge.a
daemon_bridge_libbridge_a_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
daemon_bridge_libbridge_a_SOURCES = \
  %D%/audit.c %D%/audit.h \
  %D%/audit_pack.c %D%/audit_pack.h \
  %D%/choose.c %D%/choose.h \
  %D%/directory.c %D%/directory.h %D%/directory_find.c %D%/directory_intents.c %D%/directory_internal.h %D%/directory_schedules.c \
  %D%/event.c %D%/event.h \
  %D%/events.c %D%/events.h %D%/events_follow.c %D%/events_out.c %D%/events_internal.h \
  %D%/guest.h \
  %D%/job.c %D%/job.h \
  %D%/job_pack.c %D%/job_pack.h \
  %D%/json_memory.c %D%/json_memory.h \
  %D%/mailbox.c %D%/mailbox.h \
  %D%/problem.c %D%/problem.h \
  %D%/rows.c %D%/rows.h \
  %D%/scope.c %D%/scope.h \
  %D%/token_entry.c %D%/token_entry.h \
  %D%/token_snapshot.c %D%/token_snapshot.h \
  %D%/tokens.c %D%/tokens.h \
  %D%/workers.c %D%/workers.h
BRIDGE_LIBS = daemon/bridge/libbridge.a
