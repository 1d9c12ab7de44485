/* A chat that anna keeps live, on a clock that is turned by hand, with disks in memory (journal_bed.h, live_disk.h) and
 * a data centre that makes one call for one random_id. Nothing happens but inside bed_pass(). */
#ifndef TGCALLD_TESTS_WORKER_LIVE_BED_H
#define TGCALLD_TESTS_WORKER_LIVE_BED_H

#include "daemon/worker/live_internal.h"
#include "tests/unit/worker/journal_bed.h"

enum { CENTRE_MADE_MAX = 512 };

/* What the data centre has, and what was asked of it. */
extern struct centre {
    bool has_right;                   /* anna's, to make calls; she has it at first */
    bool is_away;                     /* what is asked of it waits to be sent */
    int64_t running;                  /* the chat's call; 0 */
    size_t made_n;                    /* calls that were made by anna */
    int64_t made_s[CENTRE_MADE_MAX];  /* when each of them was, wall clock */
    size_t creates, looks, rotations; /* what was asked for */
    size_t rotated_at;                /* the calls that had been made when the key was changed last */
    int64_t peer;                     /* that the last create was asked for, as a marked id */
} centre;

void live_bed_set_up(void);
void live_bed_tear_down(void);

/* PUT: the status of its answer. BODY with ' for ". */
int bed_wish(const char *body);
/* DELETE. */
int bed_unwish(void);
/* Within the next bed_pass(), after so many steps, it is asked for so; 0: now. The status of the answer will be in
 * *STATUS, which is 0 until then. */
void bed_unwish_after(unsigned steps, int *status);
/* The same of a PUT, now. */
void bed_wish_soon(const char *body, int *status);
/* The wish; NULL. */
struct live_wish *bed_live(void);

/* Time passes: all that is asked of the disks and the data centre is done, each at its own time. 0 us: what is due
 * now. */
void bed_pass(int64_t us);
/* Within the next bed_pass(), after so many steps of the disks and the data centre, the process is killed and another
 * begins. */
void bed_kill_after(unsigned steps);
/* Whether that was. */
bool bed_was_killed(void);

/* Wishes are written only when nothing else is left to do. */
void bed_slow_disk(void);

/* The chat's call is ended by nobody that is named, and anna hears. */
void centre_ends(void);
/* Anna hears an update that says that her rights may be others. */
void centre_hints(void);
/* Anna is logged out, and in again as the same. */
void bed_log_out(void);
void bed_log_in(void);
/* As somebody else. */
void bed_log_in_as(int64_t user_id);
/* The same, by the process that follows bed_kill_after(), before it goes on with what the one before left. */
void bed_kill_and_log_in_as(unsigned steps, int64_t user_id);

/* From here on the chat is a basic group, -5. */
void bed_is_basic(void);
/* It becomes the channel, and anna hears. */
void centre_migrates(void);

#endif
