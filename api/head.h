/* The head of one request: its line and its fields, judged by RFC 9112 as a whole and before libmicrohttpd sees it.
 * Sans-I/O. */
#ifndef TGCALLD_API_HEAD_H
#define TGCALLD_API_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/buf.h"

/* Why a connection cannot go on: an HTTP status and a sentence. */
struct refusal {
    int status; /* 0: none */
    char why[128];
};

/* Fills RET. False, so that a judge can return it. */
bool refusal_set(struct refusal *ret, int status, const char *format, ...) TGC_PRINTF(3, 4);

struct head {
    bool chunked;
    uint64_t length;   /* of the body; 0 for none and with chunked */
    bool drops_expect; /* it asks for a 100 where there is nothing to wait for */
    bool is_plain;     /* it can go on byte for byte */
};

/* TEXT ends with an empty line; its lines end in CRLF and have no control but tabs. False with RET_REFUSAL: 400, 413,
 * 414, 417, 431, 505. */
bool head_judge(const char *text, size_t len, struct head *ret, struct refusal *ret_refusal);

/* One line of the trailers, without its end. */
bool head_judge_field(const char *line, size_t len, struct refusal *ret_refusal);

/* Appends the head as libmicrohttpd reads it rightly. 0 or the buffer's error. */
int head_put(const struct head *head, const char *text, size_t len, struct buf *out);

#endif
