noinst_LIBRARIES += daemon/crypto/libtgcrypto.a
daemon_crypto_libtgcrypto_a_CPPFLAGS = $(AM_CPPFLAGS) $(CRYPTO_CFLAGS) $(SODIUM_CFLAGS)
daemon_crypto_libtgcrypto_a_SOURCES =
TGCRYPTO_LIBS = daemon/crypto/libtgcrypto.a
