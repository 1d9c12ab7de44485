/* One TCP connection of a client: bytes ↔ packets. Plain packets go to its key exchange, the rest to sessions. */
#ifndef TGCALLD_SANDBOX_CONN_H
#define TGCALLD_SANDBOX_CONN_H

#include "daemon/mt/handshake_server.h"
#include "daemon/sandbox/sandbox_internal.h"
#include "daemon/wire/wire.h"

struct write;

struct conn {
    uv_tcp_t tcp;
    uv_timer_t timer; /* ping_delay_disconnect */
    unsigned open_handles;
    struct sandbox *s;
    int dc;
    struct wire *wire;
    struct mt_handshake_server *handshake;
    bool has_key;             /* the exchange is over; it stays for answers that got lost */
    struct session *sessions; /* that talk over this connection, by session.conn_next */
    struct buf out;           /* packed, not yet handed to the socket */
    size_t queued;            /* bytes in the socket's queue */
    struct write *pieces;     /* waiting to leave piece by piece; the first is under way */
    bool ends;                /* a transport error was the last word */
    bool closing;
    struct conn *prev, *next;
};

/* --- conn.c --- */
void conn_accept(struct listener *l);
void conn_close(struct conn *c);
/* Closes unless this is called again within SECONDS; 0 turns it off. */
void conn_disconnect_after(struct conn *c, unsigned seconds);

/* --- conn_write.c --- */
void conn_write_init(struct conn *c);
void conn_write_fini(struct conn *c);
/* Frames one packet; it leaves with conn_flush(). */
void conn_put(struct conn *c, const void *packet, size_t len);
void conn_flush(struct conn *c);
/* A transport error, then the end. */
void conn_refuse(struct conn *c, int32_t code);

#endif
