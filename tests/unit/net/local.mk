# Unit tests of net: a real loop against a small server in another thread.
check_PROGRAMS += tests/unit/net/test_net
TESTS += tests/unit/net/test_net
tests_unit_net_test_net_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_net_test_net_SOURCES = \
  %D%/main.c %D%/suites.h \
  %D%/server.c %D%/server.h \
  %D%/test_dial.c \
  %D%/test_gate.c \
  %D%/test_gate_stopped.c \
  %D%/test_link.c \
  %D%/test_link_ends.c \
  %D%/test_loop.c \
  %D%/test_mtproxy.c \
  %D%/test_route.c
tests_unit_net_test_net_LDADD = $(UNIT_LIBS) $(NET_LIBS) $(WIRE_LIBS) $(TGCRYPTO_LIBS) $(BASE_LIBS) $(UV_LIBS) \
  $(UNIT_FOREIGN_LIBS) -lpthread
