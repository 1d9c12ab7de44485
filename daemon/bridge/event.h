/* One event as its readers see it: made once, never changed, shared by all of them. Any thread. */
#ifndef TGCALLD_BRIDGE_EVENT_H
#define TGCALLD_BRIDGE_EVENT_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

/* What an event says, borrowed. */
struct event_words {
    const char *account; /* its name; "" where it is about none */
    const char *type;    /* base/event_type.h */
    int64_t received_at; /* Unix seconds */
    const char *data;    /* one JSON object without a line break, as it goes out: {"account", "received_at", …} */
    size_t len;
};

struct event_block;

struct event {
    atomic_uint refs;
    uint64_t id; /* from 1; those of one process follow one another */
    struct event_words text;
    struct event_block *block; /* whose memory it has; NULL: its own */
    char bytes[];
};

/* A copy of TEXT, held once; NULL where memory is gone. */
struct event *event_new(uint64_t id, const struct event_words *text);
/* The same for one of many that come and go in their order: they share blocks of memory, each of which is freed when
 * the last of its events is dropped. *BLOCK is the caller's, NULL at first, and ended by event_block_end(). One thread
 * at a time. */
struct event *event_new_in(struct event_block **block, uint64_t id, const struct event_words *text);
void event_block_end(struct event_block **block);
/* A gap: nothing is known of what lay after AFTER and up to its own ID. */
struct event *event_new_gap(uint64_t id, uint64_t after, int64_t received_at);
/* Only of that account; "": of any. */
struct event *event_new_gap_of(const char *account, uint64_t id, uint64_t after, int64_t received_at);
struct event *event_hold(struct event *event);
/* NULL is fine. */
void event_drop(struct event *event);
/* Its share of a bound on bytes. */
size_t event_size(const struct event *event);

#endif
