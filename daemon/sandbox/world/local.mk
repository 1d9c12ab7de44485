noinst_LIBRARIES += daemon/sandbox/world/libsandbox_world.a
daemon_sandbox_world_libsandbox_world_a_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
daemon_sandbox_world_libsandbox_world_a_SOURCES = \
  %D%/account.c %D%/account.h \
  %D%/call_message.c %D%/call_message.h \
  %D%/first.c %D%/first.h \
  %D%/json.c %D%/json.h \
  %D%/message.h \
  %D%/said.c %D%/said.h \
  %D%/text.c %D%/text.h \
  %D%/world.c %D%/world.h \
  %D%/world_box.c \
  %D%/world_participant.c \
  %D%/world_seed.c
