noinst_LIBRARIES += daemon/sandbox/control/libsandbox_control.a
daemon_sandbox_control_libsandbox_control_a_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) $(UV_CFLAGS) $(MHD_CFLAGS)
daemon_sandbox_control_libsandbox_control_a_SOURCES = \
  %D%/body.c %D%/body.h \
  %D%/calls.c %D%/calls.h \
  %D%/control.c %D%/control.h \
  %D%/messages.c %D%/messages.h \
  %D%/move.c %D%/move.h \
  %D%/opts.c %D%/opts.h \
  %D%/rights.c %D%/rights.h \
  %D%/routes.c %D%/routes.h \
  %D%/standing.c %D%/standing.h \
  %D%/state.c %D%/state.h
