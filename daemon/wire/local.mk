noinst_LIBRARIES += daemon/wire/libwire.a
daemon_wire_libwire_a_CPPFLAGS = $(AM_CPPFLAGS)
daemon_wire_libwire_a_SOURCES =
WIRE_LIBS = daemon/wire/libwire.a
