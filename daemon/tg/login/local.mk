noinst_LIBRARIES += daemon/tg/login/libtg_login.a
daemon_tg_login_libtg_login_a_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
daemon_tg_login_libtg_login_a_SOURCES = \
  %D%/cancel.c \
  %D%/code.c \
  %D%/email.c \
  %D%/export.c %D%/export.h \
  %D%/import.c %D%/import.h \
  %D%/login.c %D%/login.h \
  %D%/logout.c \
  %D%/own_methods.c \
  %D%/password.c \
  %D%/phone.c \
  %D%/qr.c \
  %D%/quit.c \
  %D%/registration.c \
  %D%/resend.c \
  %D%/resume.c \
  %D%/sent.c \
  %D%/sent_code.c %D%/sent_code.h \
  %D%/step.c %D%/step.h \
  %D%/steps_saved.c \
  %D%/tokens.c \
  %D%/waiter.h
