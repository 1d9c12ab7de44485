/* Answers: every one leaves through here, with the headers all of them have. Each function queues one answer and
 * returns 0, or a negative enum tgc_err, after which the connection is to be closed. */
#ifndef TGCALLD_API_REPLY_H
#define TGCALLD_API_REPLY_H

#include "api/page.h"
#include "api/request.h"

/* JSON in memory that outlives the server's daemons. */
int reply_static(struct request *r, unsigned status, const char *text, size_t len);
/* JSON; the bytes of TEXT go to the connection, without a copy where they are few; TEXT is empty afterwards. LOCATION
 * "" is none. */
int reply_json(struct request *r, unsigned status, struct buf *text, const char *location);
/* The same of a secret: the bytes are wiped when they have left. */
int reply_secret(struct request *r, unsigned status, struct buf *text, const char *location);
/* 200 with what is not JSON; TYPE is its media type. */
int reply_as(struct request *r, const char *type, struct buf *text);
/* PAGE, or 304 where the client has it already. */
int reply_page(struct request *r, const struct page *page);
/* The answer to a HEAD of what has no end. */
int reply_unending(struct request *r, const char *type);
/* Writes the head of a 200 that libmicrohttpd does not send: the last of its connection, with a body without end, in
 * chunks or not. Fails as OUT does. */
void reply_write_head(struct request *r, const char *type, bool is_chunked, struct buf *out);
/* P is freed; NULL (memory is gone) is a 500. */
int reply_problem(struct request *r, struct problem *p);
/* 204 to a CORS preflight. */
int reply_preflight(struct request *r);

#endif
