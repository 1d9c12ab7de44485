# The Telegram client: what all of it shares, and a folder a concept.
noinst_LIBRARIES += daemon/tg/libtg.a
daemon_tg_libtg_a_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
daemon_tg_libtg_a_SOURCES = \
  %D%/chat_lock.c %D%/chat_lock.h \
  %D%/dc.c %D%/dc.h \
  %D%/env.h \
  %D%/listener.h \
  %D%/needs.c %D%/needs.h
include daemon/tg/known/local.mk
include daemon/tg/connection/local.mk
include daemon/tg/account/local.mk
include daemon/tg/login/local.mk
include daemon/tg/call/local.mk
# From the top down, since each uses those below.
TG_LIBS = daemon/tg/call/libtg_call.a daemon/tg/login/libtg_login.a daemon/tg/account/libtg_account.a \
  daemon/tg/connection/libtg_connection.a daemon/tg/known/libtg_known.a daemon/tg/libtg.a
