/* uthash and utlist for the rooms above, which include this file and never theirs. Plain uthash ends the process when
 * memory is gone; here an add that failed leaves the element out, and `element->hh.tbl` is NULL afterwards. */
#ifndef TGCALLD_BASE_TABLE_H
#define TGCALLD_BASE_TABLE_H

#define HASH_NONFATAL_OOM 1

#include <stdint.h>
#include <string.h>

static inline uint64_t table_mix(uint64_t v)
{
    v *= UINT64_C(0x9e3779b97f4a7c15);
    return v ^ v >> 32;
}

/* uthash's own goes through the key byte by byte; here most are ids. */
static inline unsigned table_hash(const void *key, size_t len)
{
    const uint8_t *p = key;
    uint64_t h = len, word = 0;

    for (; len >= sizeof(word); p += sizeof(word), len -= sizeof(word)) {
        memcpy(&word, p, sizeof(word));
        h = table_mix(h ^ word);
    }
    word = 0;
    for (size_t i = 0; i < len; i++)
        word = word << 8 | p[i];
    return (unsigned)table_mix(h ^ word);
}

#define HASH_FUNCTION(key, len, ret) ((ret) = table_hash(key, len))

#include <uthash.h>
#include <utlist.h>

#endif
