check_PROGRAMS += tests/unit/hook/test_hook
TESTS += tests/unit/hook/test_hook
tests_unit_hook_test_hook_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(JANSSON_CFLAGS) $(CURL_CFLAGS) $(SQLITE_CFLAGS)
tests_unit_hook_test_hook_SOURCES = \
  %D%/bed.c %D%/bed.h \
  %D%/deliver_bed.c %D%/deliver_bed.h \
  %D%/main.c \
  %D%/receiver.c %D%/receiver.h \
  %D%/suites.h \
  $(STARVE_FILES) \
  %D%/test_address.c \
  %D%/test_again.c \
  %D%/test_deliver.c \
  %D%/test_line.c \
  %D%/test_registry.c \
  %D%/test_secrets.c \
  %D%/test_sign.c \
  %D%/test_starved.c \
  %D%/test_url.c
tests_unit_hook_test_hook_LDFLAGS = $(AM_LDFLAGS) $(STARVE_LINK)
tests_unit_hook_test_hook_LDADD = $(UNIT_LIBS) $(HOOK_LIBS) $(STORE_LIBS) $(TL_LIBS) $(TGCRYPTO_LIBS) $(BASE_LIBS) $(UNIT_FOREIGN_LIBS)
