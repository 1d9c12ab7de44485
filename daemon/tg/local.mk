noinst_LIBRARIES += daemon/tg/libtg.a
daemon_tg_libtg_a_CPPFLAGS = $(AM_CPPFLAGS)
daemon_tg_libtg_a_SOURCES =
