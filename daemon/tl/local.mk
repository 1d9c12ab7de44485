noinst_LIBRARIES += daemon/tl/libtl.a
daemon_tl_libtl_a_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
daemon_tl_libtl_a_SOURCES =
TL_LIBS = daemon/tl/libtl.a
