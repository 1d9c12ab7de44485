noinst_LIBRARIES += daemon/mt/libmt.a
daemon_mt_libmt_a_CPPFLAGS = $(AM_CPPFLAGS)
daemon_mt_libmt_a_SOURCES =
