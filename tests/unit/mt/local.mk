check_PROGRAMS += tests/unit/mt/test_mt
TESTS += tests/unit/mt/test_mt
tests_unit_mt_test_mt_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(JANSSON_CFLAGS) $(SODIUM_CFLAGS)
tests_unit_mt_test_mt_SOURCES = \
  %D%/chaos.c %D%/chaos.h \
  %D%/exchange.c %D%/exchange.h \
  %D%/main.c \
  %D%/peer.c %D%/peer.h \
  $(STARVE_FILES) $(MT_EAR_FILES) $(FAKE_BIND_FILES) \
  %D%/suites.h \
  %D%/support.c %D%/support.h \
  %D%/test_bind.c \
  %D%/test_handshake.c \
  %D%/test_handshake_server.c \
  %D%/test_handshake_vectors.c \
  %D%/test_ids.c \
  %D%/test_messages.c \
  %D%/test_rpc_error.c \
  %D%/test_session_answers.c \
  %D%/test_session_bad_salt.c \
  %D%/test_session_chaos.c \
  %D%/test_session_container.c \
  %D%/test_session_future_salts.c \
  %D%/test_session_link.c \
  %D%/test_session_once.c \
  %D%/test_session_packed.c \
  %D%/test_session_parts.c \
  %D%/test_session_read.c \
  %D%/test_session_repair.c \
  %D%/test_session_salts.c \
  %D%/test_session_send.c \
  %D%/test_session_state.c \
  %D%/test_session_time.c \
  %D%/test_starved.c
tests_unit_mt_test_mt_LDFLAGS = $(AM_LDFLAGS) \
  $(STARVE_LINK)
tests_unit_mt_test_mt_LDADD = $(UNIT_LIBS) $(MT_LIBS) $(BASE_LIBS) $(UNIT_FOREIGN_LIBS)
EXTRA_DIST += \
  tests/data/mt/bind.json \
  tests/data/mt/handshakes.json \
  tests/data/mt/messages.json \
  tests/data/mt/packets.json
