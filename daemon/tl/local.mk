noinst_LIBRARIES += daemon/tl/libtl.a
daemon_tl_libtl_a_CPPFLAGS = $(AM_CPPFLAGS)
daemon_tl_libtl_a_SOURCES =
