/* What a client sends, from the first byte to the last: judged before libmicrohttpd sees it, by the letter of RFC 9112,
 * and handed on in the one form that it reads as we do. 0.9.75 would take bare LF for the end of a line, a NUL for the
 * end of a text, white space before a colon for a part of the name, a fold's second line for more of the name, and so
 * see requests where other readers of the same bytes see none. Sans-I/O; one thread at a time. */
#ifndef TGCALLD_API_INTAKE_H
#define TGCALLD_API_INTAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/head.h"
#include "daemon/base/buf.h"

enum intake_state {
    INTAKE_HEAD,
    INTAKE_BODY,       /* of a known length */
    INTAKE_CHUNK_LINE, /* its size and extensions */
    INTAKE_CHUNK,
    INTAKE_CHUNK_END,
    INTAKE_TRAILERS,
    INTAKE_REFUSED, /* for good: what comes is thrown away */
};

struct intake {
    enum intake_state state;
    struct buf held; /* lines that are not complete yet: nothing of them was handed on */
    size_t line_len; /* of the line that is coming in */
    bool has_cr;     /* the last byte was one */
    uint64_t left;   /* of the body or chunk */
    uint64_t chunks; /* bytes of this body's chunks so far */
    uint64_t chunks_max;
    unsigned empty_lines; /* before this request */
    unsigned requests;    /* whose heads were handed on; a refused one counts, and is the last */
    struct refusal refusal;
    uint64_t filler;  /* bytes of a body that were announced and do not come, and are still to go on in their place */
    const char *rest; /* and what goes on behind them */
};

/* A body in chunks of more than CHUNKS_MAX bytes is refused. */
void intake_init(struct intake *in, uint64_t chunks_max);
void intake_fini(struct intake *in);

/* Takes LEN bytes in and appends to OUT what may go on. Of a head or a line of chunks, nothing goes on before all of it
 * is there. What cannot be let through is replaced: a head by one that asks for nothing, the rest of a body by its end,
 * so that the request is there to be answered with the refusal. 0, TGC_ENOMEM or TGC_ELIMIT (of OUT). */
int intake_feed(struct intake *in, const void *data, size_t len, struct buf *out) TGC_MUST;

/* No more comes: the client's end, or too late (IS_LATE). What is there of a request is refused by 400 or 408. False:
 * it is between two requests, or OUT is full. */
bool intake_end(struct intake *in, bool is_late, struct buf *out) TGC_MUST;

/* What goes on after all that was appended to an OUT, as far as LEN bytes have room for it. How many. */
size_t intake_fill(struct intake *in, void *to, size_t len) TGC_MUST;

/* Whether more of a request's body is expected. */
bool intake_lacks_body(const struct intake *in);

#endif
