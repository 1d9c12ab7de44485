/* The names of events: the daemon's own, and those of Telegram's updates. Any thread. */
#ifndef TGCALLD_BASE_EVENT_TYPE_H
#define TGCALLD_BASE_EVENT_TYPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EVENT_TYPES_THAT_ARE                                                                                           \
    "call, account, job, live, schedule, stream_key, gap, and constructors of Telegram's type Update"

/* Whether it is one of the daemon's own, or has the form of a constructor of Telegram's type Update: which of them
 * there are is a matter of the layer. */
bool event_type_is(const char *text, size_t len);

/* Of the event that says that others are missing: those after AFTER, up to its own ID. */
#define EVENT_TYPE_GAP "gap"
/* Its data: {"received_at", "after", "resumes_after"}, in bytes. */
enum { EVENT_GAP_MAX = 128 };
size_t event_gap_text(char out[static EVENT_GAP_MAX], uint64_t after, uint64_t id, int64_t received_at);

#endif
