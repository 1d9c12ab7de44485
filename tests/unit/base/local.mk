check_PROGRAMS += tests/unit/base/test_base
TESTS += tests/unit/base/test_base
tests_unit_base_test_base_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(JANSSON_CFLAGS) $(SODIUM_CFLAGS)
tests_unit_base_test_base_SOURCES = \
  %D%/main.c \
  %D%/suites.h \
  %D%/test_address.c \
  %D%/test_buf.c \
  %D%/test_database_url.c \
  %D%/test_due.c \
  %D%/test_fault.c \
  %D%/test_file.c \
  %D%/test_gzip.c \
  %D%/test_layer_line.c \
  %D%/test_log.c \
  %D%/test_log_writer.c \
  %D%/test_metrics.c \
  %D%/test_near.c \
  %D%/test_peer_text.c \
  %D%/test_proxy.c \
  %D%/test_random.c \
  %D%/test_secret.c \
  %D%/test_terminal_text.c \
  %D%/test_text.c \
  %D%/test_time_text.c
tests_unit_base_test_base_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=renameat2
tests_unit_base_test_base_LDADD = $(UNIT_LIBS) $(BASE_LIBS) $(UNIT_FOREIGN_LIBS)
EXTRA_DIST += tests/data/base/gzip.json tests/data/base/marked_ids.json
