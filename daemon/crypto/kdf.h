/* The message key and the AES key and iv of MTProto 2.0 (mtproto "description", section "defining AES key and
 * initialization vector"), and what an auth key is called by. X is 0 from client to server, 8 back. Any thread. */
#ifndef TGCALLD_CRYPTO_KDF_H
#define TGCALLD_CRYPTO_KDF_H

#include <stddef.h>
#include <stdint.h>

enum { KDF_TO_SERVER = 0, KDF_TO_CLIENT = 8 };

/* All 32 bytes of msg_key_large; the msg_key is bytes 8..24 of it. PLAIN includes the padding. */
void kdf_msg_key_large(const uint8_t auth_key[static 256], int x, const void *plain, size_t len,
                       uint8_t out[static 32]);
void kdf_aes(const uint8_t auth_key[static 256], const uint8_t msg_key[static 16], int x, uint8_t key[static 32],
             uint8_t iv[static 32]);

/* The same of MTProto 1.0, which lives on in auth.bindTempAuthKey; its msg_key is bytes 4..20 of SHA1 of the message
 * without padding. */
void kdf_aes_v1(const uint8_t auth_key[static 256], const uint8_t msg_key[static 16], int x, uint8_t key[static 32],
                uint8_t iv[static 32]);

/* tmp_aes_key and tmp_aes_iv of the key exchange. */
void kdf_tmp_aes(const uint8_t new_nonce[static 32], const uint8_t server_nonce[static 16], uint8_t key[static 32],
                 uint8_t iv[static 32]);

/* auth_key_id (as on the wire) and auth_key_aux_hash: bytes 12..20 and 0..8 of SHA1(auth_key). */
void kdf_auth_key_id(const uint8_t auth_key[static 256], uint8_t id[static 8], uint8_t aux_hash[static 8]);
/* new_nonce_hashN, N = 1..3. */
void kdf_new_nonce_hash(const uint8_t new_nonce[static 32], int n, const uint8_t aux_hash[static 8],
                        uint8_t out[static 16]);

#endif
