/* Clients that follow the event log by Server-Sent Events. A stream is no connection of libmicrohttpd's: when its
 * request is judged, its socket is taken over (gate.h) and written to from here, so that thousands that are quiet cost
 * nothing but a comment now and then, and no other request anything. What goes out are the log's own texts; of a client
 * that does not read, nothing is kept but where it is. Who ends his side of the connection is gone. On the front's
 * thread. */
#ifndef TGCALLD_API_STREAM_H
#define TGCALLD_API_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "api/event_filter.h"
#include "daemon/base/err.h"

struct front;
struct request;
struct streams;

/* Those of F, at most MAX. TGC_ENOMEM, TGC_ESYSTEM. */
int streams_new(struct front *f, unsigned max, struct streams **ret) TGC_MUST;
/* After streams_end(). NULL is fine. */
void streams_free(struct streams *all);
/* What the host waits by. */
int streams_fd(const struct streams *all);
void streams_readable(struct streams *all);

/* Once a turn; HAS_NEWS: the log has more. When the next one has to come, as in guest.h. */
int64_t streams_turn(struct streams *all, int64_t now, bool has_news);
/* Ends all, each behind a whole event where its client reads. */
void streams_end(struct streams *all);

/* Makes a stream of R that begins after AFTER; FILTER is taken and empty afterwards. Its return is that of a route's
 * handler: R's connection is to be closed, unless a refusal was queued. */
int stream_open(struct request *r, struct event_filter *filter, uint64_t after);

#endif
