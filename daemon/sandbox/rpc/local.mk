noinst_LIBRARIES += daemon/sandbox/rpc/libsandbox_rpc.a
daemon_sandbox_rpc_libsandbox_rpc_a_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
daemon_sandbox_rpc_libsandbox_rpc_a_SOURCES = \
  %D%/account.c \
  %D%/auth.c \
  %D%/call.c %D%/call.h \
  %D%/call_conference.c \
  %D%/call_invite.c \
  %D%/call_join.c \
  %D%/call_life.c \
  %D%/call_message.c \
  %D%/call_participant.c \
  %D%/call_presentation.c \
  %D%/call_read.c \
  %D%/call_settings.c \
  %D%/chats.c \
  %D%/contacts.c \
  %D%/crowd.c %D%/crowd.h \
  %D%/deletion.c \
  %D%/difference.c \
  %D%/dispatch.c %D%/rpc.h \
  %D%/email.c \
  %D%/help.c \
  %D%/limit.c \
  %D%/login_token.c \
  %D%/named.c %D%/named.h \
  %D%/peer.c \
  %D%/post.c %D%/post.h \
  %D%/promote.c %D%/promote.h \
  %D%/said_bytes.c %D%/said_bytes.h \
  %D%/update.c %D%/update.h \
  %D%/standing.c \
  %D%/users.c \
  %D%/view.c %D%/view.h \
  %D%/view_participant.c
