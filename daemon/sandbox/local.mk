noinst_LIBRARIES += daemon/sandbox/libsandbox.a
daemon_sandbox_libsandbox_a_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) $(UV_CFLAGS) $(MHD_CFLAGS)
daemon_sandbox_libsandbox_a_SOURCES = \
  %D%/address.c %D%/address.h \
  %D%/bind.c %D%/bind.h \
  %D%/conn.c %D%/conn.h %D%/conn_write.c \
  %D%/control.c %D%/control.h %D%/control_routes.c \
  %D%/control_opts.c \
  %D%/dispatch.c %D%/rpc.h \
  %D%/inject.c %D%/inject.h \
  %D%/invoke.c \
  %D%/json.c %D%/json.h \
  %D%/keep.c %D%/keep.h %D%/keep_world.c \
  %D%/keys.c %D%/keys.h \
  %D%/later.c %D%/later.h \
  %D%/lint.c %D%/lint.h \
  %D%/migrate.c %D%/migrate.h \
  %D%/packet_lie.c %D%/packet_lie.h \
  %D%/push.c \
  %D%/query.c %D%/query.h \
  %D%/rpc_account.c \
  %D%/rpc_auth.c \
  %D%/rpc_call.c %D%/rpc_call.h \
  %D%/rpc_call_invite.c \
  %D%/rpc_call_join.c \
  %D%/rpc_call_participant.c \
  %D%/rpc_call_read.c \
  %D%/rpc_call_settings.c \
  %D%/rpc_chats.c \
  %D%/rpc_contacts.c \
  %D%/rpc_help.c \
  %D%/rpc_login_token.c \
  %D%/rpc_peer.c \
  %D%/rpc_phone.c \
  %D%/rpc_updates.c \
  %D%/rpc_users.c \
  %D%/sandbox.c %D%/sandbox.h %D%/sandbox_internal.h \
  %D%/service.c \
  %D%/session.c %D%/session.h %D%/session_check.c %D%/session_write.c \
  %D%/trace.c %D%/trace.h \
  %D%/update.c %D%/update.h \
  %D%/view.c %D%/view.h \
  %D%/world.c %D%/world.h %D%/world_participant.c %D%/world_seed.c
SANDBOX_LIBS = daemon/sandbox/libsandbox.a
