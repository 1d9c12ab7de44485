noinst_LIBRARIES += daemon/tg/known/libtg_known.a
daemon_tg_known_libtg_known_a_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
daemon_tg_known_libtg_known_a_SOURCES = \
  %D%/auto_start.c %D%/auto_start.h \
  %D%/call_before.c %D%/call_before.h \
  %D%/call_text.c %D%/call_text.h \
  %D%/calls.c %D%/calls.h \
  %D%/changes.c %D%/changes.h \
  %D%/chats.c %D%/chats.h \
  %D%/extract.c \
  %D%/extract_fields.c \
  %D%/extract_internal.h \
  %D%/facts.c %D%/facts.h \
  %D%/facts_internal.h \
  %D%/known.c %D%/known.h \
  %D%/known_apply.c \
  %D%/known_chat.c \
  %D%/known_internal.h \
  %D%/known_names.c \
  %D%/names.c %D%/names.h \
  %D%/peers.c %D%/peers.h \
  %D%/rumours.c %D%/rumours.h
