/* What schedules meet: a time in the place of schedule_time.c's, and operations in that of dispatch.c's, behind which
 * is a Telegram that carries out what it is asked for, or does not, and whose answers come, or do not, as a seeded
 * chance has it. One chat has one call at a time. */
#ifndef TGCALLD_TESTS_WORKER_SCHEDULE_WORLD_H
#define TGCALLD_TESTS_WORKER_SCHEDULE_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/worker/worker_internal.h"

struct world_call {
    int64_t id; /* 0: it was asked for, and is not made */
    int64_t random_id, peer;
    char title[128];
    int64_t date;                    /* that it was announced with; 0: it ran at once */
    int64_t asked_s, asked_latest_s; /* wall: when its request could be sent for the first time */
    int64_t started_s;               /* 0 */
    unsigned starts, ends;
    int64_t start_asked_s, start_asked_latest_s; /* wall: when its start was sent for the first time */
    int64_t passed_us, ended_passed_us;          /* world_passed_us when it ran, and when it was ended; 0: not yet */
    struct world_call *next;
};

/* Each: one of so many; 0: never. */
struct world_odds {
    unsigned lost;      /* a request does not arrive */
    unsigned unheard;   /* its answer does not */
    unsigned broken;    /* it is answered by a 500, and was not carried out */
    unsigned flood;     /* Telegram asks to wait */
    unsigned forbidden; /* a create is refused for good */
    unsigned moody;     /* one that has a date is refused, by a word that says nothing of the chat */
};

extern struct world_odds world_odds;
extern unsigned world_forbade;      /* creates, for good */
extern bool world_is_ready;         /* the account; else each request is refused at once */
extern bool world_is_another_users; /* who is logged in has no schedules, and must not be asked for a call */
extern bool world_knows_time;       /* the account; else its time is the clock's, which is so far off */
extern int64_t world_off_s;
extern int64_t world_passed_us; /* time that passed, whatever the clocks say */
/* The newest first. */
extern struct world_call *world_calls;

void world_set_up(uint64_t seed);
void world_tear_down(void);
/* One of N. */
unsigned world_chance(unsigned n);
/* The latest wall time that was seen, now among them: a date that has come once has come. */
int64_t world_latest_s(const struct clock_source *clock);
/* It was made, runs or waits to be started, and was not ended. */
bool world_has(const struct world_call *c);

/* Nothing is under way. */
bool world_rests(void);
/* How many operations can go on now. */
unsigned world_can(void);
/* One of them does. */
void world_step(void);
/* When the first that waits for its time goes on (monotonic); INT64_MAX. */
int64_t world_due_us(void);
/* The process is gone: nobody hears of what is under way. */
void world_forget(void);

#endif
