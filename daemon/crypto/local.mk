noinst_LIBRARIES += daemon/crypto/libtgcrypto.a
daemon_crypto_libtgcrypto_a_CPPFLAGS = $(AM_CPPFLAGS) $(CRYPTO_CFLAGS) $(SODIUM_CFLAGS) -DOPENSSL_NO_DEPRECATED
daemon_crypto_libtgcrypto_a_SOURCES = \
  %D%/ctr.c %D%/ctr.h \
  %D%/dh.c %D%/dh.h %D%/dh_internal.h \
  %D%/fetched.c %D%/fetched.h \
  %D%/hash.c %D%/hash.h \
  %D%/hmac.c %D%/hmac.h \
  %D%/ige.c %D%/ige.h \
  %D%/kdf.c %D%/kdf.h \
  %D%/pq.c %D%/pq.h \
  %D%/rsa.c %D%/rsa.h %D%/rsa_internal.h %D%/rsa_pad.c %D%/rsa_pem.c \
  %D%/seal.c %D%/seal.h \
  %D%/srp.c %D%/srp.h %D%/srp_internal.h \
  %D%/x25519.c %D%/x25519.h
TGCRYPTO_LIBS = daemon/crypto/libtgcrypto.a $(CRYPTO_LIBS)
