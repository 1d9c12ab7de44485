noinst_LIBRARIES += daemon/sandbox/libsandbox.a
daemon_sandbox_libsandbox_a_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) $(UV_CFLAGS) $(MHD_CFLAGS)
daemon_sandbox_libsandbox_a_SOURCES = \
  %D%/dispatch.c %D%/rpc.h \
  %D%/json.c %D%/json.h \
  %D%/rpc_account.c \
  %D%/rpc_auth.c \
  %D%/rpc_chats.c \
  %D%/rpc_contacts.c \
  %D%/rpc_help.c \
  %D%/rpc_peer.c \
  %D%/rpc_phone.c \
  %D%/rpc_updates.c \
  %D%/rpc_users.c \
  %D%/sandbox.h \
  %D%/update.c %D%/update.h \
  %D%/view.c %D%/view.h \
  %D%/world.c %D%/world.h %D%/world_seed.c
SANDBOX_LIBS = daemon/sandbox/libsandbox.a
