/* Where the event log stands when a process begins. */
#ifndef TGCALLD_STORE_EVENTS_PLACE_H
#define TGCALLD_STORE_EVENTS_PLACE_H

#include <stdint.h>

struct store;

/* What there was when the store was opened, and what this process may do. */
struct store_events_place {
    int64_t dropped;         /* up to there events were dropped, since there were too many */
    int64_t newest;          /* 0: there is none */
    int64_t reserved_before; /* up to there ids may have been given, at least NEWEST; that, where all ended in order */
    int64_t reserved;        /* up to there they may be given now; RESERVED_BEFORE where the disk took nothing */
};
/* Zeroed where the store is only kept, and not used. */
struct store_events_place store_events_place(const struct store *s);

#endif
