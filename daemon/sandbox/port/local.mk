noinst_LIBRARIES += daemon/sandbox/port/libsandbox_port.a
daemon_sandbox_port_libsandbox_port_a_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) $(UV_CFLAGS)
daemon_sandbox_port_libsandbox_port_a_SOURCES = \
  %D%/address.c %D%/address.h \
  %D%/port.c %D%/port.h \
  %D%/socket.c %D%/socket.h \
  %D%/socket_write.c
