check_PROGRAMS += tests/unit/api/test_api
TESTS += tests/unit/api/test_api
tests_unit_api_test_api_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(JANSSON_CFLAGS) $(MHD_CFLAGS) $(TLS_CFLAGS)
tests_unit_api_test_api_SOURCES = \
  %D%/client.c %D%/client.h \
  %D%/events_bed.c %D%/events_bed.h \
  %D%/fake_host.c %D%/fake_host.h \
  %D%/fake_worker.c %D%/fake_worker.h \
  %D%/fixture.c %D%/fixture.h \
  %D%/main.c \
  %D%/suites.h \
  %D%/test_accept.c \
  %D%/test_addresses.c \
  %D%/test_edges.c \
  %D%/test_fields.c \
  %D%/test_http_access.c \
  %D%/test_http_answers.c \
  %D%/test_http_body.c \
  %D%/test_http_events.c \
  %D%/test_http_events_followed.c \
  %D%/test_http_events_pages.c \
  %D%/test_http_events_who.c \
  %D%/test_http_life.c \
  %D%/test_http_pages.c \
  %D%/test_http_room.c \
  %D%/test_http_routes.c \
  %D%/test_http_slow.c \
  %D%/test_http_stop.c \
  %D%/test_http_wait.c \
  %D%/test_http_wire.c \
  %D%/test_listen.c \
  %D%/test_openapi.c \
  %D%/test_plain_object.c \
  %D%/test_route.c \
  %D%/test_target.c \
  %D%/test_terms.c \
  %D%/test_tls.c
tests_unit_api_test_api_LDADD = $(UNIT_LIBS) $(API_LIBS) $(BRIDGE_LIBS) $(BASE_LIBS) $(UNIT_FOREIGN_LIBS) $(MHD_LIBS)
