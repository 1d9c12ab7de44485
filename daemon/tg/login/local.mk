noinst_LIBRARIES += daemon/tg/login/libtg_login.a
daemon_tg_login_libtg_login_a_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
daemon_tg_login_libtg_login_a_SOURCES = \
  %D%/code.c \
  %D%/login.c %D%/login.h \
  %D%/logout.c \
  %D%/own_methods.c \
  %D%/password.c \
  %D%/phone.c \
  %D%/quit.c \
  %D%/step.c %D%/step.h \
  %D%/waiter.h
