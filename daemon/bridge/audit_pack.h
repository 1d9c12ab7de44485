/* Records of the audit one after the other in one value: their bytes alone, as they wait for the disk and stand on it.
 * Made on the way of each write, so that they cost next to nothing there; what a reader gets is made when he asks. */
#ifndef TGCALLD_BRIDGE_AUDIT_PACK_H
#define TGCALLD_BRIDGE_AUDIT_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/err.h"

enum { AUDIT_PATH_MAX = 256, AUDIT_RECORD_MAX = 1024 };

enum audit_family { AUDIT_UNIX, AUDIT_IP4, AUDIT_IP6 };

/* One request that was answered. Texts are never NULL, "" for none; what is too long is cut. */
struct audit_record {
    int64_t at_us;  /* wall clock; above 0 */
    uint32_t count; /* so many were alike, of which this was the last; at least 1 */
    uint16_t status;
    int32_t telegram_code; /* 0: Telegram refused nothing */
    enum audit_family family;
    uint8_t address[16]; /* the first 4 of them, or all */
    const char *method, *request_id, *who, *account, *telegram;
    const char *path; /* its segments, decoded, a NUL between two */
    size_t path_len;  /* at most AUDIT_PATH_MAX */
};

/* Returns how many bytes of OUT it takes. */
size_t audit_pack(const struct audit_record *r, uint8_t out[static AUDIT_RECORD_MAX]);
/* Reads the record at *AT, which goes on behind it; RET's texts point into the bytes. TGC_EDAMAGED. */
int audit_unpack(const uint8_t **at, const uint8_t *end, struct audit_record *ret) TGC_MUST;

#endif
