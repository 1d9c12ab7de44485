/* One event in a stream of Server-Sent Events (HTML, 9.2.6), which is a chunk of its own (RFC 9112, 7.1) where the
 * client takes chunks. */
#ifndef TGCALLD_API_EVENT_FRAME_H
#define TGCALLD_API_EVENT_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "daemon/bridge/event.h"

enum { EVENT_FRAME_HEAD = 160, EVENT_FRAME_PARTS = 3 };

struct event_frame {
    char head[EVENT_FRAME_HEAD];
    struct iovec parts[EVENT_FRAME_PARTS]; /* into this structure and the event */
    size_t len;                            /* of all */
};

/* The same at each call for the same event: what has left of it can be told by its length alone. Where F moves, it has
 * to be made anew. */
void event_frame_make(const struct event *event, bool is_chunked, struct event_frame *f);

/* A text of at most EVENT_FRAME_HEAD - 16 bytes, which is no event, as the client takes it; its length. */
size_t event_frame_text(const char *text, bool is_chunked, char out[static EVENT_FRAME_HEAD]);

/* What ends a chunked stream. */
#define EVENT_LAST_CHUNK "0\r\n\r\n"

#endif
