# The local data centres: a folder a concept, and here what has sockets, threads and files.
noinst_LIBRARIES += daemon/sandbox/libsandbox.a
daemon_sandbox_libsandbox_a_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) $(UV_CFLAGS) $(MHD_CFLAGS)
daemon_sandbox_libsandbox_a_SOURCES = \
  %D%/address.c %D%/address.h \
  %D%/bind.c %D%/bind.h \
  %D%/conn.c %D%/conn.h %D%/conn_write.c \
  %D%/control.c %D%/control.h %D%/control_routes.c \
  %D%/control_opts.c \
  %D%/invoke.c \
  %D%/keep.c %D%/keep.h %D%/keep_world.c %D%/keep_world.h \
  %D%/keys.c %D%/keys.h \
  %D%/later.c %D%/later.h \
  %D%/migrate.c %D%/migrate.h \
  %D%/push.c \
  %D%/query.c %D%/query.h \
  %D%/sandbox.c %D%/sandbox.h %D%/sandbox_internal.h \
  %D%/service.c \
  %D%/session.c %D%/session.h %D%/session_check.c %D%/session_write.c
include daemon/sandbox/world/local.mk
include daemon/sandbox/fault/local.mk
include daemon/sandbox/rpc/local.mk
# From the top down, since each uses those below.
SANDBOX_LIBS = daemon/sandbox/libsandbox.a daemon/sandbox/rpc/libsandbox_rpc.a daemon/sandbox/fault/libsandbox_fault.a \
  daemon/sandbox/world/libsandbox_world.a
