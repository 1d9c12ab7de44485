noinst_LIBRARIES += daemon/sandbox/libsandbox.a
daemon_sandbox_libsandbox_a_CPPFLAGS = $(AM_CPPFLAGS)
daemon_sandbox_libsandbox_a_SOURCES =
