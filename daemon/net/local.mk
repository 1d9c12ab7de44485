noinst_LIBRARIES += daemon/net/libnet.a
daemon_net_libnet_a_CPPFLAGS = $(AM_CPPFLAGS) $(UV_CFLAGS)
daemon_net_libnet_a_SOURCES = \
  %D%/address.h \
  %D%/dial.c %D%/dial.h \
  %D%/gate.c %D%/gate.h \
  %D%/link.c %D%/link.h \
  %D%/lookup.c %D%/lookup.h \
  %D%/loop.c %D%/loop.h %D%/loop_internal.h \
  %D%/outlet.c %D%/outlet.h \
  %D%/pool.c %D%/pool.h \
  %D%/route.c %D%/route.h \
  %D%/stream.c %D%/stream.h \
  %D%/timer.c
NET_LIBS = daemon/net/libnet.a
