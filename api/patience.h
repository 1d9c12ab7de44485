/* How long a connection may hold its descriptor for nothing. Who has shown no good token on it has `head_timeout` for
 * each step of a request that is his: to begin one, to send its head, to send its body; what comes byte by byte does
 * not renew it. Who has shown one has that for a head, and may be idle for `idle_timeout`, between requests and in a
 * body, which has `body_timeout` in all; this is also the time that an answer may take to who has shown none. Where
 * there is no room left (room.h), the one of the first kind whose time is over next goes, or where there is none an
 * idle one of the other. A head or body that is late is answered by 408. libmicrohttpd, which knows only how long
 * nothing came, sees to the rest. On the front's thread. */
#ifndef TGCALLD_API_PATIENCE_H
#define TGCALLD_API_PATIENCE_H

#include <stdbool.h>
#include <stdint.h>

struct conn;
struct door;
struct front;

/* Ends what is late at NOW. When to look again; INT64_MAX: not before a connection comes. */
int64_t patience_sweep(struct front *f, int64_t now);

/* Ends one of OF's connections, NULL: of F's, for who is to come; a newcomer that had no time to ask for anything is
 * spared. True: one is at its end, now or since before. */
bool patience_make_room(struct front *f, const struct door *of);

/* It was accepted, and is in the list. */
void patience_accepted(struct conn *conn);
/* Some of what it sent was taken in. */
void patience_heard(struct conn *conn);
/* The head is there; a good token was in it; a worker has it, whose deadline counts; it is being answered; it is over.
 */
void patience_begun(struct conn *conn);
void patience_trusts(struct conn *conn);
void patience_waits(struct conn *conn);
void patience_answers(struct conn *conn);
void patience_over(struct conn *conn);

#endif
