noinst_LIBRARIES += daemon/hook/libhook.a
daemon_hook_libhook_a_CPPFLAGS = $(AM_CPPFLAGS) $(CURL_CFLAGS)
daemon_hook_libhook_a_SOURCES = \
  %D%/address_judge.c %D%/address_judge.h \
  %D%/again.c %D%/again.h \
  %D%/body.c %D%/body.h \
  %D%/curl_lib.c %D%/curl_lib.h \
  %D%/deliver.c \
  %D%/disk.c %D%/disk.h \
  %D%/edit.c \
  %D%/feed.c %D%/feed.h \
  %D%/hooks.c %D%/hooks.h %D%/hooks_internal.h \
  %D%/keep.c %D%/keep.h \
  %D%/line.c %D%/line.h \
  %D%/retry_rule.c %D%/retry_rule.h \
  %D%/send.c %D%/send.h \
  %D%/sent.c \
  %D%/sign.c %D%/sign.h \
  %D%/source.h \
  %D%/thread.c %D%/thread_internal.h \
  %D%/types.c %D%/types.h \
  %D%/url_judge.c %D%/url_judge.h
# libcurl itself is loaded where it is needed (curl_lib.h).
HOOK_LIBS = daemon/hook/libhook.a
