/* What one webhook is sent next: the next event of the log behind a place, from memory, or from a page of the disk's
 * that is loaded where memory has it no more. The thread's alone, and under the hooks' lock. */
#ifndef TGCALLD_HOOK_FEED_H
#define TGCALLD_HOOK_FEED_H

#include "daemon/hook/hooks_internal.h"

enum { HOOK_AGAIN_MAX = 64 };

enum hook_kind { HOOK_NEXT, HOOK_ONCE_MORE, HOOK_TEST };

/* Events above AFTER and up to UNTIL; UNTIL 0: none. */
struct hook_range {
    uint64_t after, until;
};

struct hook_feed {
    /* Events of the disk: all that there are above FROM and up to UP_TO. */
    struct hook_event *page;
    size_t page_n;
    uint64_t from, up_to;
    bool is_loading;
    /* Those that are to be sent again, as far as they are known: up to AT they are done with, up to WRITTEN on the
     * disk too. */
    int64_t again[HOOK_AGAIN_MAX];
    size_t again_n, again_at, again_written;
    bool is_writing, again_failed; /* it was not written the last time */
    size_t again_writing;          /* up to there, where it is being written */
    struct hook_range asked;       /* for again since that began */
    bool is_asked_again;           /* what is under way, once more, has to be so once more */
    int64_t again_not_before_us;
    int64_t not_before_us; /* memory or the disk failed; monotonic */
    /* What is under way. */
    bool is_sending;
    enum hook_kind kind;
    uint64_t event_id;
    int64_t begun_us; /* wall clock */
    unsigned hurries; /* the hook's, then */
    bool was_troubled;
    bool has_place;     /* it is one of those that may be under way at a time */
    int64_t slow_at_us; /* until then; monotonic */
    char account[HOOK_NAME_MAX + 1];
};

enum hook_feed_found {
    HOOK_FEED_EVENT,   /* *RET, which hook_feed_drop() lets go */
    HOOK_FEED_SKIP,    /* nothing is up to *RET_UP_TO, there it goes on */
    HOOK_FEED_NONE,    /* nothing is newer */
    HOOK_FEED_LOADING, /* the disk was asked, and wakes the thread */
    HOOK_FEED_FAILED,  /* memory or the disk: later */
};
enum hook_feed_found hook_feed_next(struct hooks *h, struct hook *hook, struct store_desk *desk, uint64_t after,
                                    struct hook_event *ret, uint64_t *ret_up_to);
void hook_feed_drop(struct hooks *h, struct hook_event *event);
/* What the disk gave is not needed for now. */
void hook_feed_forget_page(struct hook_feed *f);
/* Whether the disk owes it an answer, for which it has to stay. NULL is fine. */
bool hook_feed_is_asking(const struct hook_feed *f);
/* Nothing is under way. */
void hook_feed_free(struct hook_feed *f);

#endif
