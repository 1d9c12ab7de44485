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
#include "api/server.h"

enum {
    API_LISTENERS_MAX = 16,
    /* One connection's headers and read buffer in libmicrohttpd; a request whose headers do not fit is its 431. */
    API_CONNECTION_MEMORY = 16 << 10,
    /* Of it for the request's line and headers: the answer's headers need room too, or there would be none. */
    API_HEADERS_MAX = API_CONNECTION_MEMORY - (2 << 10),
    /* What is read from a socket at once, at most. */
    GATE_READ_SIZE = 16 << 10,
};

struct listener {
    struct api *api;
    struct MHD_Daemon *daemon;
    int fd; /* until the daemon has it, then -1 */
    bool is_unix;
    char host[64];  /* TCP: the address without port and brackets */
    char path[108]; /* Unix */
    dev_t dev;      /* Unix: the file we made, so that no other's is removed */
    ino_t ino;
    unsigned conns_n; /* under the lock of the list of connections */
};

struct api {
    struct api_config config;
    struct listener listeners[API_LISTENERS_MAX];
    atomic_size_t listeners_count; /* rows below it are complete, but for the daemon */
    struct drain *drain;           /* connections that were answered before their body */
    char *version_text;            /* the body of GET /version */
    size_t openapi_len;
    pthread_mutex_t conns_lock; /* of the list */
    struct conn *conns;
    pthread_t patience; /* its thread: see patience.h */
    pthread_cond_t conns_come;
    bool patience_ends; /* under the lock of the list */
    uint32_t id_prefix; /* of the request ids made here */
    atomic_uint_fast64_t ids;
    atomic_bool stopping;
    atomic_size_t answers; /* requests with a job or an answer under way: what a stop waits for */
    atomic_size_t waiting; /* suspended, or being resumed */
};

#endif
