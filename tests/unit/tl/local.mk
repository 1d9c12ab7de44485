# Unit tests of tl.
check_PROGRAMS += tests/unit/tl/test_tl
TESTS += tests/unit/tl/test_tl
tests_unit_tl_test_tl_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(JANSSON_CFLAGS) $(SODIUM_CFLAGS)
tests_unit_tl_test_tl_SOURCES = %D%/main.c %D%/suites.h \
  $(STARVE_FILES) \
  %D%/gen.c %D%/gen.h \
  %D%/support.c %D%/support.h \
  %D%/test_encode.c \
  %D%/test_guess.c \
  %D%/test_members.c \
  %D%/test_memory.c \
  %D%/test_objects.c \
  %D%/test_outline.c \
  %D%/test_peers.c \
  %D%/test_primitives.c \
  %D%/test_property.c \
  %D%/test_schema.c \
  %D%/test_text.c \
  %D%/test_values.c \
  %D%/test_walk.c
# Allocations of the code under test go through starve.c.
tests_unit_tl_test_tl_LDFLAGS = $(AM_LDFLAGS) $(STARVE_LINK)
tests_unit_tl_test_tl_LDADD = $(UNIT_LIBS) $(TL_LIBS) $(BASE_LIBS) $(UNIT_FOREIGN_LIBS) -lm
dist_noinst_DATA += \
  tests/data/tl/invalid/bytes.json \
  tests/data/tl/invalid/json.json \
  tests/data/tl/invalid/schema.json \
  tests/data/tl/locale/charmap \
  tests/data/tl/locale/comma \
  tests/data/tl/valid/crc32.json \
  tests/data/tl/valid/create_group_call.json \
  tests/data/tl/valid/int64.json \
  tests/data/tl/valid/scalars.json \
  tests/data/tl/valid/strings.json \
  tests/data/tl/valid/updates.json \
  tests/data/tl/valid/vectors.json
