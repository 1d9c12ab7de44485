# The Telegram client: what all of it shares, and a folder a concept.
noinst_LIBRARIES += daemon/tg/libtg.a
daemon_tg_libtg_a_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
daemon_tg_libtg_a_SOURCES = \
  %D%/chat_lock.c %D%/chat_lock.h \
  %D%/dc.c %D%/dc.h \
  %D%/dc_learnt.c %D%/dc_learnt.h \
  %D%/dc_options.c %D%/dc_options.h \
  %D%/dc_options_read.c \
  %D%/dc_options_text.c \
  %D%/dc_way.c %D%/dc_way.h \
  %D%/env.h \
  %D%/handshakes.c %D%/handshakes.h \
  %D%/keeper.h \
  %D%/listener.h \
  %D%/needs.c %D%/needs.h \
  %D%/way.c %D%/way.h
include daemon/tg/known/local.mk
include daemon/tg/updates/local.mk
include daemon/tg/connection/local.mk
include daemon/tg/strings/local.mk
include daemon/tg/account/local.mk
include daemon/tg/login/local.mk
include daemon/tg/call/local.mk
# From the top down, since each uses those below.
TG_LIBS = daemon/tg/call/libtg_call.a daemon/tg/login/libtg_login.a daemon/tg/account/libtg_account.a \
  daemon/tg/connection/libtg_connection.a daemon/tg/strings/libtg_strings.a daemon/tg/updates/libtg_updates.a daemon/tg/known/libtg_known.a daemon/tg/libtg.a
