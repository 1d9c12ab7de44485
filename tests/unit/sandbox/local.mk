# Unit tests of the sandbox.
check_PROGRAMS += tests/unit/sandbox/test_sandbox
TESTS += tests/unit/sandbox/test_sandbox
SANDBOX_TEST_LIBS = $(SANDBOX_LIBS) $(WIRE_LIBS) $(MT_LIBS) $(BASE_LIBS) $(UV_LIBS) $(MHD_LIBS) -lm
tests_unit_sandbox_test_sandbox_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(JANSSON_CFLAGS) $(SODIUM_CFLAGS) $(UV_CFLAGS)
tests_unit_sandbox_test_sandbox_SOURCES = \
  %D%/desk.c %D%/desk.h \
  %D%/fixture.c %D%/fixture.h \
  %D%/main.c \
  %D%/pair.c %D%/pair.h \
  %D%/raw.c %D%/raw.h \
  %D%/seal_v1.c %D%/seal_v1.h \
  %D%/server.c \
  %D%/steps.c %D%/steps.h \
  %D%/suites.h \
  %D%/test_address.c \
  %D%/test_auth.c \
  %D%/test_bind.c \
  %D%/test_call.c \
  %D%/test_call_message.c \
  %D%/test_client.c \
  %D%/test_conference.c \
  %D%/test_control.c \
  %D%/test_crowd.c \
  %D%/test_desk.c \
  %D%/test_difference.c \
  %D%/test_faults.c \
  %D%/test_hostile.c \
  %D%/test_in_call.c \
  %D%/test_inject.c \
  %D%/test_keep.c \
  %D%/test_keys.c \
  %D%/test_lies.c \
  %D%/test_login_token.c \
  %D%/test_numbers.c \
  %D%/test_participants.c \
  %D%/test_phone.c \
  %D%/test_place.c \
  %D%/test_queries.c \
  %D%/test_query.c \
  %D%/test_said.c \
  %D%/test_seed.c \
  %D%/test_session.c \
  %D%/test_standing.c \
  %D%/test_stored.c \
  %D%/test_updates.c \
  %D%/test_world.c
tests_unit_sandbox_test_sandbox_LDADD = $(UNIT_LIBS) $(SANDBOX_TEST_LIBS) $(UNIT_FOREIGN_LIBS)
