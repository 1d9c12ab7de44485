noinst_LIBRARIES += daemon/tg/updates/libtg_updates.a
daemon_tg_updates_libtg_updates_a_SOURCES = \
  %D%/split.c %D%/split.h \
  %D%/split_walk.c %D%/split_internal.h
