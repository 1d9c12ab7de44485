# Unit tests of tg, on a network that is no network.
check_PROGRAMS += tests/unit/tg/test_tg
TESTS += tests/unit/tg/test_tg
tests_unit_tg_test_tg_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(JANSSON_CFLAGS) $(SODIUM_CFLAGS)
tests_unit_tg_test_tg_SOURCES = \
  %D%/main.c %D%/suites.h \
  $(STARVE_FILES) $(FAKE_DC_FILES) \
  %D%/bed.c %D%/bed.h \
  %D%/bed_create.c %D%/bed_create.h \
  %D%/client_bed.c %D%/client_bed.h \
  %D%/known_bed.c %D%/known_bed.h \
  %D%/objects.h \
  %D%/support.c %D%/support.h \
  %D%/test_account.c \
  %D%/test_calls.c \
  %D%/test_chat.c \
  %D%/test_chat_lock.c \
  %D%/test_connection.c \
  %D%/test_conference.c \
  %D%/test_connection_gate.c \
  %D%/test_connection_keys.c \
  %D%/test_connection_renew.c \
  %D%/test_connection_state.c \
  %D%/test_connection_temporary.c \
  %D%/config_json.c %D%/config_json.h \
  %D%/test_dc_learnt.c \
  %D%/test_dc_options.c \
  %D%/test_dc_way.c \
  %D%/engine_bed.c %D%/engine_bed.h \
  %D%/test_engine.c \
  %D%/test_engine_trouble.c \
  %D%/test_evidence.c \
  %D%/test_fake_dc.c \
  %D%/test_fake_net.c \
  %D%/test_create.c \
  %D%/test_fate.c \
  %D%/test_gate.c \
  %D%/test_flood.c \
  %D%/test_facts.c \
  %D%/test_handshakes.c \
  %D%/import_bed.c %D%/import_bed.h \
  %D%/test_import.c \
  %D%/test_import_resume.c \
  %D%/test_init_prefix.c \
  %D%/test_invoke.c \
  %D%/test_judge.c \
  %D%/test_keys.c \
  %D%/test_known_calls.c \
  %D%/test_known_chats.c \
  %D%/test_known_model.c \
  %D%/test_known_proof.c \
  %D%/test_login.c \
  %D%/test_login_code.c \
  %D%/test_login_new.c \
  %D%/test_login_qr.c \
  %D%/test_login_fate.c \
  %D%/test_logout.c \
  %D%/test_needs.c \
  %D%/test_move.c \
  %D%/test_names.c \
  %D%/test_older.c \
  %D%/test_own_methods.c \
  %D%/test_peers.c \
  %D%/test_refresh.c \
  %D%/test_repeat.c \
  %D%/test_replace.c \
  %D%/test_request.c \
  %D%/test_resolve.c \
  %D%/test_rights.c \
  %D%/test_rumours.c \
  %D%/saved_bed.c %D%/saved_bed.h \
  %D%/test_saved.c \
  %D%/test_saved_login.c \
  %D%/test_session_strings.c \
  %D%/test_split.c \
  %D%/test_standing.c \
  %D%/test_starter.c \
  %D%/test_starved.c \
  %D%/test_tell.c \
  %D%/test_two_accounts.c \
  %D%/test_updates.c \
  %D%/test_way.c
# Allocations of the code under test go through starve.c.
tests_unit_tg_test_tg_LDFLAGS = $(AM_LDFLAGS) $(STARVE_LINK)
tests_unit_tg_test_tg_LDADD = $(UNIT_LIBS) $(TG_LIBS) $(MT_LIBS) $(WIRE_LIBS) $(TL_LIBS) $(TGCRYPTO_LIBS) \
  $(BASE_LIBS) $(UNIT_FOREIGN_LIBS) -lm
EXTRA_DIST += tests/data/tg/session_strings.json
