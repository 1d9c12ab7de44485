/* Session strings: one line of text by which other client libraries carry a login from one program to another. Each has
 * the auth key and the data centre that the key is of; the rest differs. Pure, any thread. The address in a string is
 * what the other program connected to: it is told, and nothing here relies on it. */
#ifndef TGCALLD_TG_SESSION_STRING_H
#define TGCALLD_TG_SESSION_STRING_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/base/buf.h"
#include "daemon/base/err.h"
#include "daemon/base/fault.h"

enum session_format { SESSION_TELETHON, SESSION_PYROGRAM, SESSION_GRAMJS, SESSION_MTCUTE, SESSION_FORMATS };

enum session_told { SESSION_UNTOLD, SESSION_NO, SESSION_YES };

enum { SESSION_KEY_SIZE = 256, SESSION_ADDRESS_SIZE = 104 };

/* Holds a secret: wiped by session_string_wipe(). */
struct session_string {
    int32_t dc; /* 1..255 */
    uint8_t key[SESSION_KEY_SIZE];
    char address[SESSION_ADDRESS_SIZE]; /* "": not told */
    uint16_t port;                      /* 0: not told */
    int64_t user_id;                    /* 0: not told */
    int32_t api_id;                     /* 0: not told */
    enum session_told test, bot;
};

/* "telethon": Telethon 1.x; "pyrogram": Pyrogram and Kurigram; "gramjs": GramJS and teleproto; "mtcute". */
const char *session_format_text(enum session_format format);
/* SESSION_FORMATS for another text. */
enum session_format session_format_parse(const char *text);

/* TGC_EINVAL: it is no string of FORMAT; FAULT says why, with nothing of the text in it, and of which format it would
 * be one. */
int session_string_decode(enum session_format format, const char *text, size_t len, struct session_string *ret,
                          struct fault *fault) TGC_MUST;
/* As the newest release of FORMAT writes it, appended to OUT, which the caller wipes. TGC_EINVAL: FORMAT cannot say it
 * (FAULT has what); the buffer's errors. */
int session_string_encode(enum session_format format, const struct session_string *s, struct buf *out,
                          struct fault *fault) TGC_MUST;
void session_string_wipe(struct session_string *s);

#endif
