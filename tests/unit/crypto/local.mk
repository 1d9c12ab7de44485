check_PROGRAMS += tests/unit/crypto/test_crypto
TESTS += tests/unit/crypto/test_crypto
tests_unit_crypto_test_crypto_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(JANSSON_CFLAGS) $(SODIUM_CFLAGS)
tests_unit_crypto_test_crypto_SOURCES = \
  %D%/main.c \
  %D%/suites.h \
  %D%/test_ctr.c \
  %D%/test_dh.c \
  %D%/test_hash.c \
  %D%/test_ige.c \
  %D%/test_kdf.c \
  %D%/test_pq.c \
  %D%/test_rsa.c \
  %D%/test_seal.c \
  %D%/test_srp.c \
  %D%/vectors.h
tests_unit_crypto_test_crypto_LDADD = $(UNIT_LIBS) $(TGCRYPTO_LIBS) $(BASE_LIBS) $(UNIT_FOREIGN_LIBS)
EXTRA_DIST += \
  tests/data/crypto/ctr.json \
  tests/data/crypto/dh.json \
  tests/data/crypto/ige.json \
  tests/data/crypto/kdf.json \
  tests/data/crypto/pq.json \
  tests/data/crypto/rsa.json \
  tests/data/crypto/rsa_keys.json \
  tests/data/crypto/seal.json \
  tests/data/crypto/srp.json
