noinst_LIBRARIES += daemon/net/libnet.a
daemon_net_libnet_a_CPPFLAGS = $(AM_CPPFLAGS)
daemon_net_libnet_a_SOURCES =
