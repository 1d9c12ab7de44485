# Unit tests of config.
check_PROGRAMS += tests/unit/config/test_config
TESTS += tests/unit/config/test_config
tests_unit_config_test_config_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_config_test_config_SOURCES = \
  %D%/main.c \
  %D%/suites.h \
  %D%/test_options.c \
  %D%/test_paths.c \
  %D%/test_settings.c
tests_unit_config_test_config_LDADD = $(UNIT_LIBS) $(SETTINGS_LIBS) $(BASE_LIBS) $(UNIT_FOREIGN_LIBS)
EXTRA_DIST += tests/data/config
