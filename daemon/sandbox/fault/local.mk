noinst_LIBRARIES += daemon/sandbox/fault/libsandbox_fault.a
daemon_sandbox_fault_libsandbox_fault_a_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
daemon_sandbox_fault_libsandbox_fault_a_SOURCES = \
  %D%/inject.c %D%/inject.h \
  %D%/lint.c %D%/lint.h \
  %D%/packet_lie.c %D%/packet_lie.h \
  %D%/trace.c %D%/trace.h
