/* The unencrypted message of the key exchange: auth_key_id = 0, msg_id, length, body. */
#ifndef TGCALLD_MT_PLAIN_H
#define TGCALLD_MT_PLAIN_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/base/buf.h"
#include "daemon/base/err.h"

void mt_plain_pack(struct buf *out, uint64_t msg_id, const void *body, size_t len);

/* *RET_BODY is borrowed from PACKET. Bytes behind the body are ignored. TGC_EPROTO: not such a message. */
int mt_plain_parse(const void *packet, size_t len, uint64_t *ret_msg_id, const uint8_t **ret_body,
                   size_t *ret_len) TGC_MUST;

#endif
