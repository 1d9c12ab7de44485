/* A server of one connection, or of some in turn, on a thread of its own, and a link to it with all that it was told.
 */
#ifndef TGCALLD_TESTS_NET_SERVER_H
#define TGCALLD_TESTS_NET_SERVER_H

#include <pthread.h>

#include "daemon/base/buf.h"
#include "daemon/net/link.h"

/* The server's side: a blocking connection and the server's end of the framing. */
struct conn {
    int fd;
    struct wire *wire;
    unsigned number; /* 0…: which connection of the server it is */
    bool one_byte_writes;
};

struct server {
    int fd;
    uint16_t port;
    pthread_t thread;
    bool started;
    unsigned connections;           /* one after the other; 0 means 1 */
    void (*script)(struct conn *c); /* then the connection is closed */
    bool one_byte_writes;
};

/* Listens on loopback; with SCRIPT accepts its connections and runs it for each. */
void server_start(struct server *s, void (*script)(struct conn *c));
/* A port that nobody listens on. */
uint16_t refused_port(void);
struct net_address address_of(const char *host, uint16_t port);
void server_stop(struct server *s);
/* Until the script of the last connection has ended. */
void server_join(struct server *s);

/* The next packet of the client (borrowed), or false where the connection ended. */
bool conn_read(struct conn *c, struct wire_packet *ret);
void conn_write(struct conn *c, const void *data, size_t len);
/* Exactly LEN bytes as they come; false where the connection ended. */
bool conn_read_bytes(struct conn *c, void *out, size_t len);
/* Frames and writes. */
void conn_send(struct conn *c, const void *packet, size_t len);
void conn_send_error(struct conn *c, int32_t code);

/* --- the client's side */

enum { KEPT_PACKETS = 256 };

struct client {
    struct net_loop *loop;
    struct net_link *link;
    struct net_timer *guard; /* fails the test when nothing ends it */
    unsigned opened, packets, errors, closed;
    size_t bytes;
    uint8_t first[KEPT_PACKETS]; /* of each packet */
    int32_t code;
    char why[200];
    unsigned stop_after_packets;
    /* What to do inside of a handler. */
    bool close_on_open, close_on_packet, close_on_error, keep_when_closed;
    void (*on_open)(struct client *c);
    const struct proxy *proxy; /* before connecting: NULL for none */
    int64_t timeout_us;        /* of connecting; 0: as usual */
    unsigned send_len;         /* a packet of so many bytes is sent when it opens */
};

void client_init(struct client *c);
void client_connect(struct client *c, const char *host, uint16_t port, enum wire_framing framing, bool obfuscated);
void client_connect_to(struct client *c, const struct net_address *addresses, size_t n, enum wire_framing framing,
                       bool obfuscated);
/* Runs until the link ended, the packets are there, or the guard failed the test. */
void client_run(struct client *c);
void client_fini(struct client *c);

#endif
