noinst_LIBRARIES += daemon/tg/strings/libtg_strings.a
daemon_tg_strings_libtg_strings_a_CPPFLAGS = $(AM_CPPFLAGS)
daemon_tg_strings_libtg_strings_a_SOURCES = \
  %D%/gramjs.c \
  %D%/mtcute.c \
  %D%/pyrogram.c \
  %D%/session_string.c %D%/session_string.h %D%/session_string_internal.h \
  %D%/session_text.c %D%/session_text.h \
  %D%/telethon.c
