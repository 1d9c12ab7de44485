/* What the files of the event log share: events.c has the log, events_follow.c what it is where several processes write
 * it, events_out.c what this one has for it. Under the lock. */
#ifndef TGCALLD_BRIDGE_EVENTS_INTERNAL_H
#define TGCALLD_BRIDGE_EVENTS_INTERNAL_H

#include <pthread.h>

#include "daemon/bridge/events.h"

struct events_reader {
    struct events_reader *next, **at;
    void (*wake)(void *ctx);
    void *ctx;
};

/* What happened here and has no number yet, in a ring of its own: it gets one when it is written, and is shown when
 * that is read back. */
struct events_out {
    struct event **slots; /* as many as the ring's; empty: it was forgotten while it was written */
    size_t at, n, bytes;
    size_t writing; /* so many of the oldest are handed out */
    bool is_writing, writes_gap;
    bool is_torn;    /* something is missing before the first that is not handed out */
    bool has_failed; /* the last writing did */
    uint64_t put,
        settled; /* so many came, and so many are written, forgotten or lost, in that order but for the last */
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
    /* Of a log that is shared. */
    struct events_out out;
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
int64_t events_now_s(const struct events *e);
/* Tells what is missing. False where it cannot yet. */
bool events_mend(struct events *e, const char *account);

/* events_out.c. Steals EVENT. */
void events_out_add(struct events *e, struct event *event);
size_t events_out_waiting(const struct events *e);
/* As events_to_write() and events_written(). */
size_t events_out_begin(struct events *e, size_t max, struct event **ret_list);
void events_out_end(struct events *e, bool written);
void events_out_forget(struct events *e, const char *account);
void events_out_free(struct events *e);

#endif
