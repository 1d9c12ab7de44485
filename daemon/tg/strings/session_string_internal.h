/* One format a file: what a session string says once its version is known and its base64 is undone. */
#ifndef TGCALLD_TG_SESSION_STRING_INTERNAL_H
#define TGCALLD_TG_SESSION_STRING_INTERNAL_H

#include <string.h>

#include "daemon/tg/strings/session_string.h"
#include "daemon/tg/strings/session_text.h"

/* Judges the whole text. RET is zeroed before; what all formats share (a DC, a key that is one) is judged after. */
typedef int session_reader(const char *text, size_t len, struct session_string *ret, struct fault *fault);
typedef int session_writer(const struct session_string *s, struct buf *out, struct fault *fault);

session_reader session_read_telethon, session_read_pyrogram, session_read_gramjs, session_read_mtcute;
session_writer session_write_telethon, session_write_pyrogram, session_write_gramjs, session_write_mtcute;

/* Telethon's and GramJS's texts begin with their version. TGC_EINVAL where there is none, or not version 1. */
int session_skip_version(const char **text, size_t *len, struct fault *fault) TGC_MUST;
/* TGC_EINVAL: S has no address, or no port, that another program could connect to. */
int session_needs_address(const struct session_string *s, struct fault *fault) TGC_MUST;
/* LEN characters as the address; TGC_EINVAL: too many, or such as no host name or IP address has. */
int session_put_address(struct session_string *s, const uint8_t *text, size_t len, struct fault *fault) TGC_MUST;
/* A byte that is a Bool; TGC_EINVAL. */
int session_put_told(enum session_told *told, uint8_t byte, struct fault *fault) TGC_MUST;

/* Big-endian numbers of N bytes. */
static inline uint64_t be_load(const uint8_t *p, size_t n)
{
    uint64_t v = 0;

    for (size_t i = 0; i < n; i++)
        v = v << 8 | p[i];
    return v;
}

static inline uint8_t *be_store(uint8_t *p, uint64_t v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        p[i] = (uint8_t)(v >> 8 * (n - 1 - i));
    return p + n;
}

static inline uint8_t *bytes_store(uint8_t *p, const void *data, size_t n)
{
    memcpy(p, data, n);
    return p + n;
}

#endif
