/* What the files of the event log share: events.c has the log, events_follow.c what it is while another process writes
 * it. Under the lock. */
#ifndef TGCALLD_BRIDGE_EVENTS_INTERNAL_H
#define TGCALLD_BRIDGE_EVENTS_INTERNAL_H

#include <pthread.h>

#include "daemon/bridge/events.h"

struct events_reader {
    struct events_reader *next, **at;
    void (*wake)(void *ctx);
    void *ctx;
};

struct events {
    pthread_mutex_t lock;
    struct events_config config;
    /* A slot is empty where its event was forgotten. */
    struct event **slots;
    struct event_block *block;
    size_t at, n;      /* of the oldest; how many */
    uint64_t first;    /* the oldest's id, or the next one's */
    size_t bytes;      /* of all in the ring */
    uint64_t shown;    /* up to there readers see */
    uint64_t reserved; /* up to there numbers may be given */
    bool is_torn;      /* something is missing behind the newest */
    /* Of another process's log. */
    bool is_followed;
    uint64_t looks; /* at it, so far */
    bool has_ahead; /* a reader waits to know whether it is lost */
    /* For who writes. */
    uint64_t to_write;             /* the first id that was not handed out */
    uint64_t writing;              /* the last of those that are being written; 0: none are */
    uint64_t writing_reserved;     /* what goes along */
    uint64_t hole_after, hole_end; /* ids above the first, up to the second, missed the disk; 0, 0: none */
    uint64_t writing_hole;         /* the hole's end as a gap tells it that is being written; 0 */
    uint64_t on_disk;              /* the newest there */
    struct events_reader *readers;
};

static inline uint64_t events_next_id(const struct events *e)
{
    return e->first + e->n;
}

static inline struct event **events_slot(const struct events *e, uint64_t id)
{
    return &e->slots[(e->at + (id - e->first)) % e->config.ring];
}

/* The oldest goes. */
void events_evict(struct events *e);
/* Steals EVENT, which gets the next id. */
void events_add(struct events *e, struct event *event);
void events_wake(struct events *e);
/* As events_new() begins, with nothing in the ring. */
int events_begin(struct events *e, uint64_t newest, uint64_t reserved_before, uint64_t reserved) TGC_MUST;

#endif
