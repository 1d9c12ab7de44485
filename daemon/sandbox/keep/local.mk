noinst_LIBRARIES += daemon/sandbox/keep/libsandbox_keep.a
daemon_sandbox_keep_libsandbox_keep_a_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) $(UV_CFLAGS)
daemon_sandbox_keep_libsandbox_keep_a_SOURCES = \
  %D%/keep.c %D%/keep.h \
  %D%/keep_world.c %D%/keep_world.h \
  %D%/kept.c %D%/kept.h \
  %D%/members.c %D%/members.h
