noinst_LIBRARIES += daemon/tg/connection/libtg_connection.a
daemon_tg_connection_libtg_connection_a_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
daemon_tg_connection_libtg_connection_a_SOURCES = \
  %D%/backoff.c %D%/backoff.h \
  %D%/client.c %D%/client.h \
  %D%/client_dial.c \
  %D%/client_events.c \
  %D%/client_internal.h \
  %D%/client_keys.c \
  %D%/client_side.c \
  %D%/client_temporary.c \
  %D%/client_turn.c \
  %D%/init_prefix.c %D%/init_prefix.h \
  %D%/keys.c %D%/keys.h \
  %D%/state.c %D%/state.h
