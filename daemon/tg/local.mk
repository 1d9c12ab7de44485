noinst_LIBRARIES += daemon/tg/libtg.a
daemon_tg_libtg_a_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
daemon_tg_libtg_a_SOURCES = \
  %D%/account.c %D%/account.h %D%/account_internal.h \
  %D%/backoff.c %D%/backoff.h \
  %D%/call_text.c %D%/call_text.h \
  %D%/calls.c %D%/calls.h \
  %D%/chat.c %D%/chat.h \
  %D%/client.c %D%/client.h %D%/client_events.c %D%/client_internal.h \
  %D%/dc.c %D%/dc.h \
  %D%/env.h \
  %D%/flood.c %D%/flood.h \
  %D%/harvest.c %D%/harvest.h \
  %D%/init_prefix.c %D%/init_prefix.h \
  %D%/invoke.c %D%/invoke.h %D%/invoke_answer.c %D%/invoke_internal.h \
  %D%/login.c %D%/login.h %D%/login_internal.h \
  %D%/login_password.c \
  %D%/migrate.c %D%/migrate.h \
  %D%/peers.c %D%/peers.h \
  %D%/remedy.c %D%/remedy.h \
  %D%/resolve.c %D%/resolve.h \
  %D%/retry.c %D%/retry.h \
  %D%/updates.c
TG_LIBS = daemon/tg/libtg.a
