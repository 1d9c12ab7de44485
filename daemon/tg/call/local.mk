noinst_LIBRARIES += daemon/tg/call/libtg_call.a
daemon_tg_call_libtg_call_a_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
daemon_tg_call_libtg_call_a_SOURCES = \
  %D%/chat.c %D%/chat.h \
  %D%/conference.c %D%/conference.h \
  %D%/create.c %D%/create.h %D%/create_internal.h \
  %D%/create_late.c \
  %D%/create_send.c \
  %D%/desk.c %D%/desk.h \
  %D%/dialogs.c %D%/dialogs.h \
  %D%/remedy.c %D%/remedy.h \
  %D%/resolve.c %D%/resolve.h \
  %D%/rights.c %D%/rights.h \
  %D%/settle.c %D%/settle.h \
  %D%/start_rule.c %D%/start_rule.h \
  %D%/starter.c %D%/starter.h \
  %D%/step.c %D%/step.h \
  %D%/terms.c %D%/terms.h \
  %D%/trouble.h \
  %D%/unsettled.c %D%/unsettled.h
