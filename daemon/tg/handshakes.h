/* How many key exchanges run at once in the process, whatever the number of its accounts: each costs both sides the
 * arithmetic of a Diffie-Hellman exchange, and a thousand accounts that begin in one moment would only make each other
 * late, and be refused (-429). Who finds no place free stands in line, and places are given in the order of coming:
 * first to those who hold a link open meanwhile, as a server that hears nothing closes it. The number is shared by all
 * workers; a seat is one worker's, and belongs to its thread. */
#ifndef TGCALLD_TG_HANDSHAKES_H
#define TGCALLD_TG_HANDSHAKES_H

#include <stdbool.h>

#include "daemon/base/err.h"
#include "daemon/net/loop.h"

struct handshakes;
struct handshake_seat;

/* MAX: 1…. TGC_ENOMEM. */
int handshakes_new(unsigned max, struct handshakes **ret) TGC_MUST;
/* When no seat is left. NULL is fine. */
void handshakes_free(struct handshakes *all);

int handshake_seat_new(struct handshakes *all, struct net_loop *loop, struct handshake_seat **ret) TGC_MUST;
/* When nobody of it has a place or stands in line. NULL is fine. */
void handshake_seat_free(struct handshake_seat *seat);

/* Lives in the caller's own memory until it has left. Zeroed, with GRANTED and CTX set, it is out. */
struct handshake_place {
    void (*granted)(void *ctx); /* the place is had: from the seat's loop, never from inside a call of these */
    void *ctx;

    enum { HANDSHAKE_OUT, HANDSHAKE_IN_LINE, HANDSHAKE_POSTED, HANDSHAKE_HELD } at;
    bool has_link;
    struct handshake_seat *seat;
    struct handshake_place *prev, *next;
};

/* Whether the place is had now; false: it stands in line, if it did not already, and GRANTED comes. HAS_LINK: before
 * all who have none. */
bool handshake_take(struct handshake_seat *seat, struct handshake_place *place, bool has_link) TGC_MUST;
/* Whether it is had and GRANTED, if that was owed, was called: another thread may be giving it just now. */
bool handshake_is_held(const struct handshake_place *place);
/* Gives the place to the next in line, or leaves the line: GRANTED does not come any more. Fine where it is out. */
void handshake_leave(struct handshake_place *place);

#endif
