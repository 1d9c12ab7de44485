noinst_LIBRARIES += daemon/bridge/libbridge.a
daemon_bridge_libbridge_a_CPPFLAGS = $(AM_CPPFLAGS)
daemon_bridge_libbridge_a_SOURCES =
