noinst_LIBRARIES += daemon/sandbox/centre/libsandbox_centre.a
daemon_sandbox_centre_libsandbox_centre_a_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
daemon_sandbox_centre_libsandbox_centre_a_SOURCES = \
  %D%/answer.c %D%/answer.h \
  %D%/bind.c %D%/bind.h \
  %D%/centres.c %D%/centres.h \
  %D%/check.c %D%/check.h \
  %D%/deliver.c %D%/deliver.h \
  %D%/exchange.c %D%/exchange.h \
  %D%/expel.c %D%/expel.h \
  %D%/extra.c %D%/extra.h \
  %D%/hear.c %D%/hear.h \
  %D%/invocation.c %D%/invocation.h \
  %D%/invoke.c %D%/invoke.h \
  %D%/keys.c %D%/keys.h \
  %D%/late.c %D%/late.h \
  %D%/line.c %D%/line.h \
  %D%/migrate.c %D%/migrate.h \
  %D%/place.c %D%/place.h \
  %D%/push.c %D%/push.h \
  %D%/query.c %D%/query.h \
  %D%/receive.c %D%/receive.h \
  %D%/service.c %D%/service.h \
  %D%/session.c %D%/session.h \
  %D%/session_flush.c \
  %D%/session_send.c \
  %D%/setup.c %D%/setup.h \
  %D%/stored.c %D%/stored.h \
  %D%/tell.c %D%/tell.h
