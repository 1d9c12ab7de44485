noinst_LIBRARIES += daemon/mt/libmt.a
daemon_mt_libmt_a_CPPFLAGS = $(AM_CPPFLAGS) $(SODIUM_CFLAGS)
daemon_mt_libmt_a_SOURCES =
MT_LIBS = daemon/mt/libmt.a
