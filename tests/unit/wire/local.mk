check_PROGRAMS += tests/unit/wire/test_wire
TESTS += tests/unit/wire/test_wire
tests_unit_wire_test_wire_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(JANSSON_CFLAGS) $(SODIUM_CFLAGS)
tests_unit_wire_test_wire_SOURCES = \
  %D%/ends.c \
  %D%/ends.h \
  %D%/main.c \
  %D%/suites.h \
  %D%/test_fake_tls.c \
  %D%/test_faults.c \
  %D%/test_frames.c \
  %D%/test_obfuscated.c \
  %D%/test_round_trip.c \
  %D%/test_tunnel.c \
  %D%/tunnels.c \
  %D%/tunnels.h
tests_unit_wire_test_wire_LDADD = $(UNIT_LIBS) $(WIRE_LIBS) $(TGCRYPTO_LIBS) $(BASE_LIBS) $(UNIT_FOREIGN_LIBS)
EXTRA_DIST += tests/data/wire/fake_tls.json tests/data/wire/frames.json tests/data/wire/obfuscated.json
