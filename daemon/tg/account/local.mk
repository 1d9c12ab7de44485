noinst_LIBRARIES += daemon/tg/account/libtg_account.a
daemon_tg_account_libtg_account_a_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
daemon_tg_account_libtg_account_a_SOURCES = \
  %D%/account.c %D%/account.h \
  %D%/account_internal.h \
  %D%/ask.h \
  %D%/config.c \
  %D%/effect.h \
  %D%/flood.c %D%/flood.h \
  %D%/follow.c %D%/follow.h \
  %D%/frozen.c \
  %D%/gate.h \
  %D%/home.c \
  %D%/inside.c %D%/inside.h \
  %D%/invoke.c %D%/invoke.h \
  %D%/invoke_answer.c \
  %D%/invoke_gate.c \
  %D%/invoke_time.c \
  %D%/migrate.c %D%/migrate.h \
  %D%/note.c %D%/note.h \
  %D%/repeat.c %D%/repeat.h \
  %D%/refresh.c %D%/refresh.h \
  %D%/request.c %D%/request.h \
  %D%/retry.c %D%/retry.h \
  %D%/saved.c %D%/saved.h \
  %D%/saved_updates.h \
  %D%/standing.c \
  %D%/state.c %D%/state.h \
  %D%/unsettle.c \
  %D%/updates.c
