noinst_LIBRARIES += daemon/crypto/libcrypto.a
daemon_crypto_libcrypto_a_CPPFLAGS = $(AM_CPPFLAGS)
daemon_crypto_libcrypto_a_SOURCES =
