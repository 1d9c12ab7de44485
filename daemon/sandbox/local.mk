noinst_LIBRARIES += daemon/sandbox/libsandbox.a
daemon_sandbox_libsandbox_a_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) $(UV_CFLAGS) $(MHD_CFLAGS)
daemon_sandbox_libsandbox_a_SOURCES =
SANDBOX_LIBS = daemon/sandbox/libsandbox.a
