/* One client's connection as its data centre has it, without I/O: framed packets go into OUT, and its owner takes the
 * bytes from there. What came from the client is hear.h's. */
#ifndef TGCALLD_SANDBOX_CENTRE_LINE_H
#define TGCALLD_SANDBOX_CENTRE_LINE_H

#include "daemon/sandbox/centre/centres.h"
#include "daemon/wire/wire.h"

enum line_state {
    LINE_OPEN,
    LINE_ENDS,   /* a transport error is the last word: once it is written the owner hangs up, and reads nothing more */
    LINE_CLOSED, /* the owner hangs up at once */
};

enum { LINE_LOGINS = 8 };

struct line_seat;

struct line {
    struct centres *s;
    void *owner;
    uint64_t number; /* from 1, in the order of their coming: the log tells by it what happened where */
    int dc;
    enum line_state state;
    struct wire *wire;
    struct mt_handshake_server *handshake;
    bool has_key;                 /* the exchange is over; it stays for answers that got lost */
    struct line_seat *seats;      /* the sessions that talk over it */
    uint64_t logins[LINE_LOGINS]; /* place.h: keys that were used on it; a ring */
    unsigned logins_n;
    struct buf out;
    size_t flushed;      /* of OUT: what the owner may take */
    int64_t deadline_us; /* ping_delay_disconnect, by the monotonic clock; INT64_MAX: none */
    bool is_ready;
    struct line *ready_prev, *ready_next;
};

/* What a session has of its line. */
struct line_seat {
    struct line *line; /* NULL: none now */
    struct line_seat *next;
};

/* NULL: no memory. */
struct line *line_new(struct centres *s, int dc, void *owner);
void line_free(struct line *l);

/* --- for its owner --- */

/* The next line that has bytes to take, was told to end, or has another deadline; NULL: there is none. */
struct line *line_next_ready(struct centres *s);
/* The bytes that are to be written, owned by the caller; NULL: none. */
uint8_t *line_take(struct line *l, size_t *ret_len);
/* It has ended, for either side. */
void line_close(struct line *l);
/* Closes it where its time is over. */
void line_tick(struct line *l, int64_t now_us);

/* --- for its data centre --- */

/* SEAT moves to L from wherever it is; L may be NULL. */
void line_seat(struct line_seat *seat, struct line *l);
/* Frames one packet; it may be taken after line_flush(). */
void line_put(struct line *l, const void *packet, size_t len);
void line_quick_ack(struct line *l, uint32_t token);
void line_flush(struct line *l);
/* A transport error, then the end. */
void line_refuse(struct line *l, int32_t code);
/* Closes unless this is called again within SECONDS; 0 turns it off. */
void line_disconnect_after(struct line *l, unsigned seconds);

#endif
