# The local data centres: a folder a concept, and here their thread.
noinst_LIBRARIES += daemon/sandbox/libsandbox.a
daemon_sandbox_libsandbox_a_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) $(UV_CFLAGS)
daemon_sandbox_libsandbox_a_SOURCES = %D%/sandbox.c %D%/sandbox.h
include daemon/sandbox/world/local.mk
include daemon/sandbox/fault/local.mk
include daemon/sandbox/rpc/local.mk
include daemon/sandbox/centre/local.mk
include daemon/sandbox/keep/local.mk
include daemon/sandbox/port/local.mk
include daemon/sandbox/control/local.mk
# From the top down, since each uses those below.
SANDBOX_LIBS = daemon/sandbox/libsandbox.a daemon/sandbox/control/libsandbox_control.a \
  daemon/sandbox/port/libsandbox_port.a daemon/sandbox/keep/libsandbox_keep.a \
  daemon/sandbox/centre/libsandbox_centre.a daemon/sandbox/rpc/libsandbox_rpc.a \
  daemon/sandbox/fault/libsandbox_fault.a daemon/sandbox/world/libsandbox_world.a
