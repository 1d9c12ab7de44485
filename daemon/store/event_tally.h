/* What the database says of its event log as a whole: how much of it there is, and which numbers are nobody's any more.
 * For the files of this room, on the store's thread. */
#ifndef TGCALLD_STORE_EVENT_TALLY_H
#define TGCALLD_STORE_EVENT_TALLY_H

#include "daemon/store/store_internal.h"

struct event_tally {
    int64_t reserved; /* up to there ids may have been given */
    int64_t dropped;  /* up to there events were dropped, since there were too many */
    int64_t n, bytes; /* of what there is; the bytes sealed */
    /* Not of an older version. */
    int64_t newest;    /* that was written, also where it was forgotten since; 0: none */
    int64_t forgotten; /* how often some were forgotten before they had to go */
};

/* Where it stands in the database's meta, and room for it. */
#define EVENT_TALLY "events"
enum { EVENT_TALLY_TEXT = 128 };
/* "" is a new database's. False: it cannot be read. */
bool event_tally_parse(const char *text, struct event_tally *ret);
/* Zeroed where the database says nothing yet. */
int event_tally_read(struct store *s, struct event_tally *ret, struct fault *fault) TGC_MUST;
/* The same within a transaction, of a cluster's nodes one at a time until its end: so what they number is committed in
 * the order of its numbers. */
int event_tally_lock(struct store *s, struct event_tally *ret, struct fault *fault) TGC_MUST;
/* The lock alone. */
int store_log_wait(struct store *s, struct fault *fault) TGC_MUST;
/* Within the transaction that changes what it counts. */
int event_tally_write(struct store *s, const struct event_tally *t, struct fault *fault) TGC_MUST;
/* For the store's opening: has numbers reserved for this process, but for a cluster's node, whose events are numbered
 * when they are written. What the disk does not take is no error. */
int store_events_open(struct store *s, struct fault *fault) TGC_MUST;

/* Whether the oldest page, of OLDEST_N events, is to go: there are too many bytes, or enough events without it. */
bool event_tally_is_too_much(const struct event_tally *t, int64_t oldest_n, const struct store_config *config);

/* One whole number: the newest event's id. */
extern const char store_newest_event[];

#endif
