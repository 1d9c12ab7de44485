/* msg_container: several messages in one packet. */
#ifndef TGCALLD_MT_CONTAINER_H
#define TGCALLD_MT_CONTAINER_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/base/buf.h"
#include "daemon/base/err.h"
#include "daemon/mt/packed.h"
#include "daemon/tl/reader.h"

/* Starts reading a body whose id is msg_container: its count in *RET_COUNT (at most LIMIT_CONTAINER_READ), R behind
 * it. TGC_EPROTO. */
int mt_container_open(const uint8_t *body, size_t len, struct tl_reader *r, uint32_t *ret_count) TGC_MUST;
/* The next inner message (salt and session_id are 0). TGC_EPROTO where it does not fit or its length is no multiple
 * of 4. */
int mt_container_next(struct tl_reader *r, struct mt_message *ret) TGC_MUST;

void mt_container_begin(struct buf *out, uint32_t count);
void mt_container_put(struct buf *out, uint64_t msg_id, uint32_t seq_no, const void *body, size_t len);

#endif
