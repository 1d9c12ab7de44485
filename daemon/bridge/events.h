/* The event log as the process sees it: what happened gets a number here, goes to the disk where there is one, and is
 * then shown to its readers. The newest events stand in a ring in memory, the others on the disk, where a job
 * (JOB_EVENTS_READ) finds them. Any thread; there is one short lock, which nobody holds while he waits for anything.
 *
 * Numbers grow for ever, also from one process to the next. What is not shown yet is nobody's: so no number is seen
 * twice with another content. What may be missing is an event itself, of the type "gap": in front of the first event of
 * a process whose predecessor did not end in order, and where memory or the disk failed.
 *
 * The log may be one that several processes write, nodes over one database. Then all that is shown is on the disk,
 * which all have, and is followed there: where it ends is heard a little later than it is so. What happens here waits
 * without a number until it is written, gets one there, and is shown as what the others wrote is, when it is read back.
 */
#ifndef TGCALLD_BRIDGE_EVENTS_H
#define TGCALLD_BRIDGE_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/clock.h"
#include "daemon/base/err.h"
#include "daemon/bridge/event.h"

struct events;
struct events_reader;

struct events_config {
    size_t ring, ring_bytes; /* of the ring: events, and bytes of all; the oldest goes first. Both from 1 */
    /* The newest event that the disk has, 0 for none, and up to which id the process before may have given numbers, at
     * least the newest. More than the newest: it did not end in order. */
    uint64_t newest, reserved_before;
    uint64_t
        reserved;    /* up to where this one may give some: the disk says so already; UINT64_MAX where there is none */
    bool is_written; /* what is shown is written first: see events_to_write() */
    bool is_shared;  /* several processes write it; of the above only RING, RING_BYTES and NEWEST are looked at */
    const struct clock_source *clock; /* of a gap's time; borrowed */
};

int events_new(const struct events_config *config, struct events **ret) TGC_MUST;
/* Readers are gone before; references to events may outlive it. NULL is fine. */
void events_free(struct events *e);

/* Something happened. TGC_ENOMEM, TGC_ELIMIT (longer than LIMIT_EVENT): then a gap stands in its place as soon as one
 * can. *RET_WAITING (NULL is fine), in any case: how many are to be written now, 0
 * while others are being written. */
int events_append(struct events *e, const struct event_words *text, size_t *ret_waiting) TGC_MUST;
/* Something of that account's ("": of any) was lost before it could be appended: a gap, at once where memory suffices;
 * else a gap for all in the end. */
void events_lose(struct events *e, const char *account);

/* For readers. */

/* WAKE is called when there is something new to read, from inside whatever brought it, under the lock: it must neither
 * block nor call anything of this header. */
int events_subscribe(struct events *e, void (*wake)(void *ctx), void *ctx, struct events_reader **ret) TGC_MUST;
/* WAKE is not called any more. NULL is fine. */
void events_unsubscribe(struct events *e, struct events_reader *r);

enum events_found {
    EVENTS_NEXT,  /* *RET is the next one, held for the caller: event_drop() */
    EVENTS_NONE,  /* nothing is newer */
    EVENTS_OLDER, /* there is one, but not in memory: ask by a job */
    EVENTS_AHEAD, /* the id is above events_newest() */
};
/* The first event after the one with that id. */
enum events_found events_next(struct events *e, uint64_t after, struct event **ret);
/* For a reader that is ahead. True: the id is of no event of this log (its database was put back to an older state, or
 * the id was made up), and the reader starts anew from *RET_NEWEST, with a gap. False: it is not ahead any more, or
 * that is not known yet, as another node showed the event first; then the reader is woken when more is known.
 * *LOOK is the reader's, 0 before it is asked of another AFTER. */
bool events_is_lost(struct events *e, uint64_t after, uint64_t *look, uint64_t *ret_newest);
/* The newest that is shown; the number where the log ends, which may be of an event that was forgotten. 0: none. */
uint64_t events_newest(struct events *e);
/* Ids above *RET_AFTER, up to *RET_END, that no event has: the process before did not come to give them. */
void events_skipped(struct events *e, uint64_t *ret_after, uint64_t *ret_end);
/* The oldest of the ring; events_newest() + 1 where it is empty. */
uint64_t events_oldest_here(struct events *e);
/* Whether some missed the disk: ids above *RET_AFTER, up to *RET_END, of which only the ring may have some. Where there
 * are, the disk has no newer ones either. */
bool events_hole(struct events *e, uint64_t *ret_after, uint64_t *ret_end);

/* A log that is shared. */

bool events_are_shared(const struct events *e);
/* It ends with NEWEST: who reads is woken, and what is up to there is EVENTS_OLDER. Called for each look at it, also
 * where nothing is new. Less than before: its database was put back to an older state. */
void events_follow(struct events *e, uint64_t newest);
/* The same where all is known that there is above events_newest() and up to NEWEST, and that is to be read from memory:
 * LIST, N of them in the order of their ids, each held and given up; ids that are not there are of no event. */
void events_follow_with(struct events *e, uint64_t newest, struct event **list, size_t n);
/* Some of it was forgotten: all is read from the disk again. */
void events_follow_anew(struct events *e);
/* For who has to know whether what was appended until now is where others can read it: a mark, and whether all up to it
 * was written, or is lost, or cannot be written now. */
uint64_t events_mark(struct events *e);
bool events_have_settled(struct events *e, uint64_t mark);

/* For who writes: one at a time, so that ids go to the disk in their order. */

/* The events that are to be written, at most MAX (from 2), each held for the caller, in the order of their ids; and the
 * number that goes to the disk with them: up to there ids may be given when it is written. 0: there are none, or others
 * are being written. Those of a log that is shared have no ids yet, and a gap among them no data that counts. */
size_t events_to_write(struct events *e, size_t max, struct event **ret_list, uint64_t *ret_reserved);
/* The writing of those is over: with WRITTEN they are on the disk. Else they are shown all the same, but for those
 * whose numbers the next process might give again; of a log that is shared they are to be written still. Returns how
 * many are to be written now. */
size_t events_written(struct events *e, bool written);
/* Whether the disk has all that was appended, and nothing is missing there. */
bool events_are_written(struct events *e);
/* All events of that account are taken out of the ring, and readers pass over them. What has them on the disk, or is
 * about to, has to forget them too: all up to the id that is returned. Of a log that is shared that is the newest that
 * is shown: what is being written gets another. */
uint64_t events_forget(struct events *e, const char *account);

#endif
