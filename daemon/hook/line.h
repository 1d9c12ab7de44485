/* One webhook's place in the event log, and the event at its head, by which all others wait: so that they come in their
 * order. Pure: no clock of its own, no network, no disk. */
#ifndef TGCALLD_HOOK_LINE_H
#define TGCALLD_HOOK_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/hook/retry_rule.h"

struct hook_line {
    uint64_t cursor;  /* up to there all is done */
    uint64_t head;    /* the event that was tried and is not done; 0: none. Up to the cursor: it is sent once more */
    unsigned tries;   /* of the head */
    int64_t due_us;   /* of the head's next try; monotonic */
    bool is_troubled; /* the last try of any event came to nothing, or took long */
};

/* Event ID passes unsent. */
void hook_line_pass(struct hook_line *l, uint64_t id);
/* Event ID is being tried: it is the head, with the tries that it had. */
void hook_line_try(struct hook_line *l, uint64_t id);
struct hook_line_answer {
    int status; /* 0: none came */
    int64_t retry_after_s;
    bool was_changed; /* the webhook, since the try began */
};
/* The head's try ended. With HOOK_DELIVERED and HOOK_FAILED the next one is at the head; with HOOK_GONE it will be
 * tried as if for the first time, if ever. What a receiver says that may be another one by now (WAS_CHANGED) is no last
 * word: it is tried again, with HOOK_AGAIN, and at once. */
enum hook_outcome hook_line_end(struct hook_line *l, const struct hook_line_answer *answer, int64_t now_us,
                                uint32_t draw);
/* It is not waited for; what was tried counts. */
void hook_line_hurry(struct hook_line *l);
/* The receiver may be another one, or mended: it is not waited for, and its tries are counted anew. */
void hook_line_renew(struct hook_line *l);
/* Whether the head's time has come, or there is none. */
bool hook_line_is_due(const struct hook_line *l, int64_t now_us);

#endif
