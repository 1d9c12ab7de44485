/* Requests that wait for events, for a while: long polls. Each is a connection of its own, suspended (wait.h). On the
 * front's thread. */
#ifndef TGCALLD_API_POLL_H
#define TGCALLD_API_POLL_H

#include <stdbool.h>
#include <stdint.h>

#include "api/event_filter.h"

struct front;
struct job;
struct poll;
struct request;

/* R waits for what comes after AFTER and FILTER lets pass, for WAIT_US at most, and where AFTER is ahead of
 * the log until it is known whether it is lost; FILTER is taken and empty afterwards. Its return is that of a route's
 * handler. */
int poll_begin(struct request *r, struct event_filter *filter, uint64_t after, int64_t wait_us);
/* R is answered with what the disk has after AFTER; the rest as above. */
int poll_older(struct request *r, struct event_filter *filter, uint64_t after);
/* That is there. */
int poll_read(struct request *r, struct job *job);
/* R was resumed: queues its answer. */
int poll_finish(struct request *r);
/* R's end. NULL is fine. */
void poll_free(struct poll *p);

/* Once a turn: resumes those that have waited long enough; HAS_NEWS: the log has more. When the next turn has to come,
 * as in guest.h. */
int64_t polls_turn(struct front *f, int64_t now, bool has_news);

#endif
