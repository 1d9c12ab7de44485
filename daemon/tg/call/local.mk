noinst_LIBRARIES += daemon/tg/call/libtg_call.a
daemon_tg_call_libtg_call_a_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
daemon_tg_call_libtg_call_a_SOURCES = \
  %D%/chat.c %D%/chat.h \
  %D%/remedy.c %D%/remedy.h \
  %D%/resolve.c %D%/resolve.h
