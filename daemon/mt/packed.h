/* The encrypted message of MTProto 2.0 ("Detailed description"), in both directions: auth_key_id | msg_key |
 * IGE(header, body, padding). Without any judgement of ids, salts and sessions: that is the session's. */
#ifndef TGCALLD_MT_PACKED_H
#define TGCALLD_MT_PACKED_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/base/buf.h"
#include "daemon/base/err.h"
#include "daemon/base/random.h"
#include "daemon/mt/auth_key.h"

enum { MT_HEADER_SIZE = 32, MT_PADDING_MIN = 12, MT_PADDING_MAX = 1024 };

struct mt_message {
    uint64_t salt, session_id, msg_id;
    uint32_t seq_no;
    const uint8_t *body; /* borrowed */
    size_t len;          /* a multiple of 4 */
};

/* Appends the packet for M. X is KDF_TO_SERVER or KDF_TO_CLIENT. Padding is drawn in steps so that lengths tell
 * little. TGC_EINVAL: a length that is no multiple of 4, or above LIMIT_PACKET. */
int mt_packed_seal(const struct mt_auth_key *key, int x, const struct mt_message *m, const struct random_source *random,
                   struct buf *out) TGC_MUST;

/* Decrypts PACKET in place; RET->body points into it. All of a packet's own checks, in the documents' order: the key's
 * id, the length, the msg_key over the whole plaintext in constant time, only then the length field (>= 0, a multiple
 * of 4, inside) and the padding (12..1024). TGC_ECRYPTO for everything up to the msg_key (they look the same),
 * TGC_EPROTO after it. */
int mt_packed_open(const struct mt_auth_key *key, int x, uint8_t *packet, size_t len, struct mt_message *ret) TGC_MUST;

/* The first 8 bytes: the key's id; 0 for a plain message or a packet that is too short. */
uint64_t mt_packed_key_id(const void *packet, size_t len);

#endif
