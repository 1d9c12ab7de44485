noinst_LIBRARIES += daemon/bridge/libbridge.a
daemon_bridge_libbridge_a_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) $(SODIUM_CFLAGS)
daemon_bridge_libbridge_a_SOURCES =
BRIDGE_LIBS = daemon/bridge/libbridge.a
