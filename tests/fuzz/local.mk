# Fuzz targets. Each is a test that runs its kept inputs (corpus/); where configured with --enable-fuzzers, `make fuzzers`
# links the same files with libFuzzer too. See README.md.
check_LIBRARIES += tests/fuzz/libfuzz.a tests/fuzz/libfuzz_main.a
tests_fuzz_libfuzz_a_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(JANSSON_CFLAGS) $(SODIUM_CFLAGS)
tests_fuzz_libfuzz_a_SOURCES = \
  %D%/checks.c \
  %D%/edits.c %D%/edits.h \
  %D%/fuzz.c %D%/fuzz.h \
  tests/unit/mt/chaos.c tests/unit/mt/chaos.h \
  tests/unit/mt/exchange.c tests/unit/mt/exchange.h \
  tests/unit/mt/peer.c tests/unit/mt/peer.h \
  $(MT_EAR_FILES) \
  tests/unit/mt/support.c tests/unit/mt/support.h
# What the targets of the sandbox share. Its control port has no socket here.
check_LIBRARIES += tests/fuzz/libfuzz_dc.a
tests_fuzz_libfuzz_dc_a_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) $(SODIUM_CFLAGS) $(UV_CFLAGS) $(MHD_CFLAGS)
tests_fuzz_libfuzz_dc_a_SOURCES = \
  %D%/answer.c %D%/answer.h \
  %D%/control_port.c %D%/control_port.h \
  %D%/dc.c %D%/dc.h \
  %D%/dc_check.c \
  %D%/sandbox_client.c %D%/sandbox_client.h \
  %D%/tl_make.c %D%/tl_make.h \
  tests/unit/sandbox/seal_v1.c tests/unit/sandbox/seal_v1.h
FUZZ_DC_CPPFLAGS = $(FUZZ_CPPFLAGS) $(UV_CFLAGS)
FUZZ_DC_LINK = $(FUZZ_LINK) -Wl,--wrap=log_write,--wrap=uv_async_send \
  -Wl,--wrap=uv_cond_wait,--wrap=getsockname,--wrap=MHD_start_daemon,--wrap=MHD_stop_daemon,--wrap=MHD_get_daemon_info,--wrap=MHD_lookup_connection_value \
  -Wl,--wrap=MHD_create_response_from_buffer,--wrap=MHD_add_response_header,--wrap=MHD_queue_response \
  -Wl,--wrap=MHD_destroy_response
FUZZ_DC_LDADD = tests/fuzz/libfuzz_dc.a tests/fuzz/libfuzz.a $(UNIT_LIBS) $(SANDBOX_LIBS) tests/fuzz/libfuzz_dc.a \
  $(SANDBOX_TEST_LIBS) $(UNIT_FOREIGN_LIBS)
tests_fuzz_libfuzz_main_a_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
tests_fuzz_libfuzz_main_a_SOURCES = %D%/standalone.c

FUZZ_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(JANSSON_CFLAGS) $(SODIUM_CFLAGS) $(MHD_CFLAGS)
FUZZ_LINK = $(AM_LDFLAGS) -Wl,--wrap=_ck_assert_failed -Wl,--wrap=_mark_point
FUZZ_LDADD = tests/fuzz/libfuzz.a $(UNIT_LIBS) $(API_LIBS) $(BRIDGE_LIBS) $(SETTINGS_LIBS) $(WIRE_LIBS) $(MT_LIBS) \
  $(BASE_LIBS) $(UNIT_FOREIGN_LIBS) $(MHD_LIBS)

FUZZ_TARGETS = \
  calendar chaos codecs dc_options gzip handshake_client handshake_server hook_url http_accept http_body http_front http_guard \
  http_target job_pack packed peer_text rpc_error rsa_pem session session_string settings \
  store_rows time_text tl_encode tl_read tl_schema tokens updates wire_client wire_server
FUZZ_DC_TARGETS = \
  control known sandbox_query sandbox_session

check_PROGRAMS += tests/fuzz/test_fuzz_calendar
TESTS += tests/fuzz/test_fuzz_calendar
tests_fuzz_test_fuzz_calendar_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_test_fuzz_calendar_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_test_fuzz_calendar_SOURCES = %D%/calendar.c
tests_fuzz_test_fuzz_calendar_LDADD = tests/fuzz/libfuzz_main.a $(CALENDAR_LIBS) $(FUZZ_LDADD)

check_PROGRAMS += tests/fuzz/test_fuzz_chaos
TESTS += tests/fuzz/test_fuzz_chaos
tests_fuzz_test_fuzz_chaos_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_test_fuzz_chaos_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_test_fuzz_chaos_SOURCES = %D%/chaos.c
tests_fuzz_test_fuzz_chaos_LDADD = tests/fuzz/libfuzz_main.a $(FUZZ_LDADD)

check_PROGRAMS += tests/fuzz/test_fuzz_codecs
TESTS += tests/fuzz/test_fuzz_codecs
tests_fuzz_test_fuzz_codecs_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_test_fuzz_codecs_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_test_fuzz_codecs_SOURCES = %D%/codecs.c
tests_fuzz_test_fuzz_codecs_LDADD = tests/fuzz/libfuzz_main.a $(FUZZ_LDADD)

check_PROGRAMS += tests/fuzz/test_fuzz_control
TESTS += tests/fuzz/test_fuzz_control
tests_fuzz_test_fuzz_control_CPPFLAGS = $(FUZZ_DC_CPPFLAGS)
tests_fuzz_test_fuzz_control_LDFLAGS = $(FUZZ_DC_LINK)
tests_fuzz_test_fuzz_control_SOURCES = %D%/control.c
tests_fuzz_test_fuzz_control_LDADD = tests/fuzz/libfuzz_main.a $(FUZZ_DC_LDADD)

check_PROGRAMS += tests/fuzz/test_fuzz_dc_options
TESTS += tests/fuzz/test_fuzz_dc_options
tests_fuzz_test_fuzz_dc_options_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_test_fuzz_dc_options_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_test_fuzz_dc_options_SOURCES = %D%/dc_options.c
tests_fuzz_test_fuzz_dc_options_LDADD = tests/fuzz/libfuzz_main.a daemon/tg/libtg.a $(TL_LIBS) $(FUZZ_LDADD)

check_PROGRAMS += tests/fuzz/test_fuzz_gzip
TESTS += tests/fuzz/test_fuzz_gzip
tests_fuzz_test_fuzz_gzip_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_test_fuzz_gzip_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_test_fuzz_gzip_SOURCES = %D%/gzip.c
tests_fuzz_test_fuzz_gzip_LDADD = tests/fuzz/libfuzz_main.a $(FUZZ_LDADD)

check_PROGRAMS += tests/fuzz/test_fuzz_handshake_client
TESTS += tests/fuzz/test_fuzz_handshake_client
tests_fuzz_test_fuzz_handshake_client_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_test_fuzz_handshake_client_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_test_fuzz_handshake_client_SOURCES = %D%/handshake_client.c
tests_fuzz_test_fuzz_handshake_client_LDADD = tests/fuzz/libfuzz_main.a $(FUZZ_LDADD)

check_PROGRAMS += tests/fuzz/test_fuzz_handshake_server
TESTS += tests/fuzz/test_fuzz_handshake_server
tests_fuzz_test_fuzz_handshake_server_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_test_fuzz_handshake_server_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_test_fuzz_handshake_server_SOURCES = %D%/handshake_server.c
tests_fuzz_test_fuzz_handshake_server_LDADD = tests/fuzz/libfuzz_main.a $(FUZZ_LDADD)

check_PROGRAMS += tests/fuzz/test_fuzz_hook_url
TESTS += tests/fuzz/test_fuzz_hook_url
tests_fuzz_test_fuzz_hook_url_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_test_fuzz_hook_url_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_test_fuzz_hook_url_SOURCES = %D%/hook_url.c
tests_fuzz_test_fuzz_hook_url_LDADD = tests/fuzz/libfuzz_main.a $(HOOK_LIBS) $(FUZZ_LDADD)

check_PROGRAMS += tests/fuzz/test_fuzz_http_accept
TESTS += tests/fuzz/test_fuzz_http_accept
tests_fuzz_test_fuzz_http_accept_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_test_fuzz_http_accept_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_test_fuzz_http_accept_SOURCES = %D%/http_accept.c
tests_fuzz_test_fuzz_http_accept_LDADD = tests/fuzz/libfuzz_main.a $(FUZZ_LDADD)

check_PROGRAMS += tests/fuzz/test_fuzz_http_body
TESTS += tests/fuzz/test_fuzz_http_body
tests_fuzz_test_fuzz_http_body_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_test_fuzz_http_body_LDFLAGS = $(FUZZ_LINK) -Wl,--wrap=http_request_header
tests_fuzz_test_fuzz_http_body_SOURCES = %D%/http_body.c
tests_fuzz_test_fuzz_http_body_LDADD = tests/fuzz/libfuzz_main.a $(FUZZ_LDADD)

check_PROGRAMS += tests/fuzz/test_fuzz_http_front
TESTS += tests/fuzz/test_fuzz_http_front
tests_fuzz_test_fuzz_http_front_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_test_fuzz_http_front_LDFLAGS = $(FUZZ_LINK) -Wl,--wrap=body_feed,--wrap=edge_close
tests_fuzz_test_fuzz_http_front_SOURCES = %D%/http_front.c %D%/http_reference.c %D%/http_reference.h \
  tests/unit/api/fake_host.c tests/unit/api/fake_host.h tests/unit/api/fake_worker.c tests/unit/api/fake_worker.h
tests_fuzz_test_fuzz_http_front_LDADD = tests/fuzz/libfuzz_main.a $(FUZZ_LDADD)

check_PROGRAMS += tests/fuzz/test_fuzz_http_guard
TESTS += tests/fuzz/test_fuzz_http_guard
tests_fuzz_test_fuzz_http_guard_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_test_fuzz_http_guard_LDFLAGS = $(FUZZ_LINK) -Wl,--wrap=http_request_header
tests_fuzz_test_fuzz_http_guard_SOURCES = %D%/http_guard.c
tests_fuzz_test_fuzz_http_guard_LDADD = tests/fuzz/libfuzz_main.a $(FUZZ_LDADD)

check_PROGRAMS += tests/fuzz/test_fuzz_http_target
TESTS += tests/fuzz/test_fuzz_http_target
tests_fuzz_test_fuzz_http_target_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_test_fuzz_http_target_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_test_fuzz_http_target_SOURCES = %D%/http_target.c
tests_fuzz_test_fuzz_http_target_LDADD = tests/fuzz/libfuzz_main.a $(FUZZ_LDADD)

check_PROGRAMS += tests/fuzz/test_fuzz_job_pack
TESTS += tests/fuzz/test_fuzz_job_pack
tests_fuzz_test_fuzz_job_pack_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_test_fuzz_job_pack_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_test_fuzz_job_pack_SOURCES = %D%/job_pack.c
tests_fuzz_test_fuzz_job_pack_LDADD = tests/fuzz/libfuzz_main.a $(FUZZ_LDADD)

check_PROGRAMS += tests/fuzz/test_fuzz_known
TESTS += tests/fuzz/test_fuzz_known
tests_fuzz_test_fuzz_known_CPPFLAGS = $(FUZZ_DC_CPPFLAGS)
tests_fuzz_test_fuzz_known_LDFLAGS = $(FUZZ_DC_LINK)
tests_fuzz_test_fuzz_known_SOURCES = %D%/known.c
tests_fuzz_test_fuzz_known_LDADD = tests/fuzz/libfuzz_main.a daemon/tg/known/libtg_known.a $(FUZZ_DC_LDADD)

check_PROGRAMS += tests/fuzz/test_fuzz_packed
TESTS += tests/fuzz/test_fuzz_packed
tests_fuzz_test_fuzz_packed_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_test_fuzz_packed_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_test_fuzz_packed_SOURCES = %D%/packed.c
tests_fuzz_test_fuzz_packed_LDADD = tests/fuzz/libfuzz_main.a $(FUZZ_LDADD)

check_PROGRAMS += tests/fuzz/test_fuzz_peer_text
TESTS += tests/fuzz/test_fuzz_peer_text
tests_fuzz_test_fuzz_peer_text_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_test_fuzz_peer_text_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_test_fuzz_peer_text_SOURCES = %D%/peer_text.c
tests_fuzz_test_fuzz_peer_text_LDADD = tests/fuzz/libfuzz_main.a $(FUZZ_LDADD)

check_PROGRAMS += tests/fuzz/test_fuzz_rpc_error
TESTS += tests/fuzz/test_fuzz_rpc_error
tests_fuzz_test_fuzz_rpc_error_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_test_fuzz_rpc_error_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_test_fuzz_rpc_error_SOURCES = %D%/rpc_error.c
tests_fuzz_test_fuzz_rpc_error_LDADD = tests/fuzz/libfuzz_main.a $(FUZZ_LDADD)

check_PROGRAMS += tests/fuzz/test_fuzz_rsa_pem
TESTS += tests/fuzz/test_fuzz_rsa_pem
tests_fuzz_test_fuzz_rsa_pem_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_test_fuzz_rsa_pem_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_test_fuzz_rsa_pem_SOURCES = %D%/rsa_pem.c
tests_fuzz_test_fuzz_rsa_pem_LDADD = tests/fuzz/libfuzz_main.a $(FUZZ_LDADD)

check_PROGRAMS += tests/fuzz/test_fuzz_sandbox_query
TESTS += tests/fuzz/test_fuzz_sandbox_query
tests_fuzz_test_fuzz_sandbox_query_CPPFLAGS = $(FUZZ_DC_CPPFLAGS)
tests_fuzz_test_fuzz_sandbox_query_LDFLAGS = $(FUZZ_DC_LINK)
tests_fuzz_test_fuzz_sandbox_query_SOURCES = %D%/sandbox_query.c
tests_fuzz_test_fuzz_sandbox_query_LDADD = tests/fuzz/libfuzz_main.a $(FUZZ_DC_LDADD)

check_PROGRAMS += tests/fuzz/test_fuzz_sandbox_session
TESTS += tests/fuzz/test_fuzz_sandbox_session
tests_fuzz_test_fuzz_sandbox_session_CPPFLAGS = $(FUZZ_DC_CPPFLAGS)
tests_fuzz_test_fuzz_sandbox_session_LDFLAGS = $(FUZZ_DC_LINK)
tests_fuzz_test_fuzz_sandbox_session_SOURCES = %D%/sandbox_session.c
tests_fuzz_test_fuzz_sandbox_session_LDADD = tests/fuzz/libfuzz_main.a $(FUZZ_DC_LDADD)

check_PROGRAMS += tests/fuzz/test_fuzz_session
TESTS += tests/fuzz/test_fuzz_session
tests_fuzz_test_fuzz_session_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_test_fuzz_session_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_test_fuzz_session_SOURCES = %D%/session.c
tests_fuzz_test_fuzz_session_LDADD = tests/fuzz/libfuzz_main.a $(FUZZ_LDADD)

check_PROGRAMS += tests/fuzz/test_fuzz_session_string
TESTS += tests/fuzz/test_fuzz_session_string
tests_fuzz_test_fuzz_session_string_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_test_fuzz_session_string_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_test_fuzz_session_string_SOURCES = %D%/session_string.c
tests_fuzz_test_fuzz_session_string_LDADD = tests/fuzz/libfuzz_main.a daemon/tg/strings/libtg_strings.a $(FUZZ_LDADD)

check_PROGRAMS += tests/fuzz/test_fuzz_settings
TESTS += tests/fuzz/test_fuzz_settings
tests_fuzz_test_fuzz_settings_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_test_fuzz_settings_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_test_fuzz_settings_SOURCES = %D%/settings.c
tests_fuzz_test_fuzz_settings_LDADD = tests/fuzz/libfuzz_main.a $(FUZZ_LDADD)

check_PROGRAMS += tests/fuzz/test_fuzz_store_rows
TESTS += tests/fuzz/test_fuzz_store_rows
tests_fuzz_test_fuzz_store_rows_CPPFLAGS = $(FUZZ_CPPFLAGS) $(SQLITE_CFLAGS)
tests_fuzz_test_fuzz_store_rows_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_test_fuzz_store_rows_SOURCES = %D%/store_rows.c
tests_fuzz_test_fuzz_store_rows_LDADD = tests/fuzz/libfuzz_main.a $(STORE_LIBS) $(TGCRYPTO_LIBS) $(FUZZ_LDADD)

check_PROGRAMS += tests/fuzz/test_fuzz_time_text
TESTS += tests/fuzz/test_fuzz_time_text
tests_fuzz_test_fuzz_time_text_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_test_fuzz_time_text_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_test_fuzz_time_text_SOURCES = %D%/time_text.c
tests_fuzz_test_fuzz_time_text_LDADD = tests/fuzz/libfuzz_main.a $(FUZZ_LDADD)

check_PROGRAMS += tests/fuzz/test_fuzz_tl_encode
TESTS += tests/fuzz/test_fuzz_tl_encode
tests_fuzz_test_fuzz_tl_encode_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_test_fuzz_tl_encode_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_test_fuzz_tl_encode_SOURCES = %D%/tl_encode.c
tests_fuzz_test_fuzz_tl_encode_LDADD = tests/fuzz/libfuzz_main.a $(FUZZ_LDADD)

check_PROGRAMS += tests/fuzz/test_fuzz_tl_read
TESTS += tests/fuzz/test_fuzz_tl_read
tests_fuzz_test_fuzz_tl_read_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_test_fuzz_tl_read_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_test_fuzz_tl_read_SOURCES = %D%/tl_read.c
tests_fuzz_test_fuzz_tl_read_LDADD = tests/fuzz/libfuzz_main.a $(FUZZ_LDADD)

check_PROGRAMS += tests/fuzz/test_fuzz_tl_schema
TESTS += tests/fuzz/test_fuzz_tl_schema
tests_fuzz_test_fuzz_tl_schema_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_test_fuzz_tl_schema_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_test_fuzz_tl_schema_SOURCES = %D%/tl_schema.c
tests_fuzz_test_fuzz_tl_schema_LDADD = tests/fuzz/libfuzz_main.a $(FUZZ_LDADD)

check_PROGRAMS += tests/fuzz/test_fuzz_tokens
TESTS += tests/fuzz/test_fuzz_tokens
tests_fuzz_test_fuzz_tokens_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_test_fuzz_tokens_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_test_fuzz_tokens_SOURCES = %D%/tokens.c
tests_fuzz_test_fuzz_tokens_LDADD = tests/fuzz/libfuzz_main.a $(FUZZ_LDADD)

check_PROGRAMS += tests/fuzz/test_fuzz_updates
TESTS += tests/fuzz/test_fuzz_updates
tests_fuzz_test_fuzz_updates_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_test_fuzz_updates_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_test_fuzz_updates_SOURCES = %D%/updates.c
tests_fuzz_test_fuzz_updates_LDADD = tests/fuzz/libfuzz_main.a daemon/tg/updates/libtg_updates.a $(TL_LIBS) $(FUZZ_LDADD)

check_PROGRAMS += tests/fuzz/test_fuzz_wire_client
TESTS += tests/fuzz/test_fuzz_wire_client
tests_fuzz_test_fuzz_wire_client_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_test_fuzz_wire_client_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_test_fuzz_wire_client_SOURCES = %D%/wire_client.c
tests_fuzz_test_fuzz_wire_client_LDADD = tests/fuzz/libfuzz_main.a $(FUZZ_LDADD)

check_PROGRAMS += tests/fuzz/test_fuzz_wire_server
TESTS += tests/fuzz/test_fuzz_wire_server
tests_fuzz_test_fuzz_wire_server_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_test_fuzz_wire_server_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_test_fuzz_wire_server_SOURCES = %D%/wire_server.c
tests_fuzz_test_fuzz_wire_server_LDADD = tests/fuzz/libfuzz_main.a $(FUZZ_LDADD)

if FUZZERS
# libFuzzer brings main() along; everything else is what the test is linked of, and how.
FUZZERS = $(FUZZ_TARGETS:%=tests/fuzz/fuzz_%) $(FUZZ_DC_TARGETS:%=tests/fuzz/fuzz_%)
FUZZ_TEST = tests_fuzz_test_fuzz_$*
$(FUZZERS): tests/fuzz/fuzz_%: tests/fuzz/test_fuzz_%
	$(AM_V_CCLD)$(CC) $(AM_CFLAGS) $(CFLAGS) $($(FUZZ_TEST)_LDFLAGS) -fsanitize=fuzzer -o $@ $($(FUZZ_TEST)_OBJECTS) \
	  $(filter-out tests/fuzz/libfuzz_main.a,$($(FUZZ_TEST)_LDADD)) $(LIBS)
fuzzers: $(FUZZERS)
CLEANFILES += $(FUZZERS)
endif
.PHONY: fuzzers

dist_noinst_SCRIPTS += %D%/run
EXTRA_DIST += %D%/README.md %D%/seeds.py %D%/corpus
