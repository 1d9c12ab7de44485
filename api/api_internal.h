/* The inside of struct api: what the files of this folder share. */
#ifndef TGCALLD_API_INTERNAL_H
#define TGCALLD_API_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <microhttpd.h>

#include "api/conn.h"
#include "api/drain.h"
#include "api/edges.h"
#include "api/server.h"
#include "daemon/bridge/events.h"
#include "daemon/bridge/guest.h"

enum {
    API_LISTENERS_MAX = 16,
    /* A request's head as it is sent. */
    API_HEAD_MAX = 14 << 10,
    /* One connection's headers and read buffer in libmicrohttpd, which clears it for each request. */
    API_CONNECTION_MEMORY = 6 << 10,
    /* Of it for the request's line and the headers that are read here: the answer's headers need room too, or there
     * would be none. */
    API_HEADERS_MAX = API_CONNECTION_MEMORY - (2 << 10),
    /* "req-xxxxxxxx-", before the request's number. */
    REQUEST_ID_PREFIX = 13,
    /* What is read from a socket at once, at most. */
    GATE_READ_SIZE = 16 << 10,
};

/* Where clients come in. */
struct listener {
    int fd;
    bool is_given; /* to a front, whose it is */
    bool is_unix;
    bool is_passed; /* somebody else made it, and keeps it when we end */
    bool is_tls;
    bool is_outside; /* not on loopback */
    char host[64];   /* TCP: the address without port and brackets */
    char path[108];  /* Unix */
    dev_t dev;       /* Unix: the file we made, so that no other's is removed */
    ino_t ino;
};

/* A listener on one loop. */
struct door {
    struct front *front;
    const struct listener *listener;
    struct MHD_Daemon *daemon;
    struct edges edges;
    int fd;                       /* it listens by; libmicrohttpd's, unless is_left */
    bool is_left;                 /* it accepts nobody more: who comes is for who listens here next */
    unsigned conns_n;             /* connections, also those without memory for a struct conn */
    struct conn *newest;          /* NULL: it is closed */
    struct address_count *coming; /* whose connection was accepted, and is no struct conn yet; NULL */
    bool is_ready;                /* something came */
    bool is_resumed;              /* a request was answered */
    bool has_opened;              /* a connection, in this run */
    bool has_closed;
    int64_t deaf_until_us; /* there was no descriptor for who came; 0: it listens */
    int64_t due_us;        /* when it has to be run in any case; 0: with the next turn */
};

struct front {
    struct api *api;
    struct meter *meter; /* NULL: nothing is counted */
    struct guest guest;
    struct door doors[API_LISTENERS_MAX]; /* of the listeners in their order */
    size_t doors_n;
    unsigned connections_max; /* of each door */
    struct conn *conns;
    int64_t sweep_us;                      /* when the first of them may have taken too long */
    char id_prefix[REQUEST_ID_PREFIX + 1]; /* of the request ids made here */
    uint64_t ids;
    size_t answers; /* requests with a job or an answer under way: what a stop waits for */
    size_t waiting; /* suspended, or streams whose job is under way */
    struct streams *streams;
    struct poll *polls;    /* those that wait */
    int64_t polls_us;      /* when the first of them has waited long enough, or before; INT64_MAX */
    atomic_uint followers; /* streams, and polls that wait */
    atomic_bool has_news;  /* of events, for these */
    struct events_reader *reader;
    bool is_leaving;
    int64_t leaves_us;     /* 0: not before all that wait are answered */
    int64_t looked_us;     /* what had come by then was read; 0: nobody looked */
    atomic_bool owes_room; /* another loop has no descriptor for who came there */
    pthread_mutex_t lock;
    bool is_hosted;       /* it can be woken; its own thread writes it, under the lock */
    struct job *returned; /* from other threads, the last first; under the lock */
    atomic_bool has_returned;
};

struct api {
    struct api_config config;
    struct listener listeners[API_LISTENERS_MAX];
    size_t listeners_count;
    struct front **fronts;
    size_t fronts_n;
    struct tls_keys *tls_keys;
    struct addresses *addresses;
    struct clients *clients;
    struct drain *drain; /* connections that were answered before their body */
    char *version_text;  /* the body of GET /version */
    atomic_bool stopping;
};

#endif
