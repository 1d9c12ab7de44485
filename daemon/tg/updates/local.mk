noinst_LIBRARIES += daemon/tg/updates/libtg_updates.a
daemon_tg_updates_libtg_updates_a_SOURCES = \
  %D%/box.h \
  %D%/channels.c %D%/channels.h \
  %D%/engine.c %D%/engine.h \
  %D%/engine_answer.c \
  %D%/engine_ask.c \
  %D%/engine_feed.c \
  %D%/engine_held.c \
  %D%/engine_internal.h \
  %D%/held.c %D%/held.h \
  %D%/split.c %D%/split.h \
  %D%/split_walk.c %D%/split_internal.h
