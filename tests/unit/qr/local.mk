# Unit tests of qr.
check_PROGRAMS += tests/unit/qr/test_qr
TESTS += tests/unit/qr/test_qr
tests_unit_qr_test_qr_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(JANSSON_CFLAGS) $(QRENCODE_CFLAGS)
tests_unit_qr_test_qr_SOURCES = \
  %D%/main.c \
  %D%/picture.c %D%/picture.h \
  %D%/suites.h \
  %D%/test_qr.c
tests_unit_qr_test_qr_LDADD = $(UNIT_LIBS) $(QR_LIBS) $(BASE_LIBS) $(UNIT_FOREIGN_LIBS)
