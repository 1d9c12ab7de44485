/* The events of libmicrohttpd's connections. It takes a suspended connection out of its epoll set and puts it back when
 * it is resumed: two system calls a request, and an event for nothing. Here it stays in the set, and what happens to it
 * meanwhile is remembered. libmicrohttpd calls epoll_ctl() and epoll_wait(), names that the dynamic linker binds to
 * this program's functions, as with recv() (gate.h): for what was opened here they do that, for every other descriptor
 * they are the C library's. On the thread of the set. */
#ifndef TGCALLD_API_EDGES_H
#define TGCALLD_API_EDGES_H

#include <stdatomic.h>
#include <stdbool.h>

/* One epoll set of libmicrohttpd's. */
struct edges {
    int fd;
    bool skips; /* the next look at it finds nothing: no need to ask the kernel */
};

void edges_open(struct edges *edges, int fd);
void edges_close(struct edges *edges);

/* One connection in it. */
struct edge {
    int fd, set;
    void *ctx;
    void *owner;           /* what libmicrohttpd calls the connection */
    unsigned events;       /* what is asked of the kernel */
    bool is_registered;    /* with the kernel */
    bool is_held;          /* libmicrohttpd thinks so */
    bool is_leaving;       /* it is being suspended: it stays */
    bool is_missed;        /* something came that libmicrohttpd was not told of */
    bool has_news;         /* there may be something to read */
    atomic_bool has_ended; /* the client sends no more; any thread may look */
};

/* From its accept to its close. CTX is whose it is. */
void edge_open(struct edge *e, const struct edges *edges, int fd, void *ctx);
void edge_close(struct edge *e);
/* The CTX of what was opened with FD; NULL: none was, or FD is beyond what can be told apart. */
void *edge_find(int fd);

/* What was read was less than there was room for, or nothing: what comes from now on is an event of its own. */
void edge_is_drained(struct edge *e);

/* One more event of what is true by now, though it was told before. */
void edge_look_again(struct edge *e);

#endif
