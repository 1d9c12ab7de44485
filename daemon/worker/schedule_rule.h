/* What is to be done about a schedule now, as a rule without clock, account or network: occurrences are taken up one
 * after another, each at most once, since the cursor only grows, whatever the clock does. Times are Unix µs, dates Unix
 * seconds. */
#ifndef TGCALLD_WORKER_SCHEDULE_RULE_H
#define TGCALLD_WORKER_SCHEDULE_RULE_H

#include <stdbool.h>
#include <stdint.h>

/* A call that is to start in less is made at its time: Telegram takes no date that is nearer. */
enum { SCHEDULE_ANNOUNCE_MIN = 10, SCHEDULE_ANNOUNCE_MAX = 8 * 86400 };
/* Missed occurrences that are counted at most. */
enum { SCHEDULE_COUNT_MAX = 1000 };

/* As the store has them. */
enum schedule_phase {
    SCHEDULE_IDLE = 0,      /* nothing is under way */
    SCHEDULE_MAKING = 1,    /* a call was asked for, or is about to be */
    SCHEDULE_ANNOUNCED = 2, /* a call of its own waits for its date, as a Telegram scheduled call */
    SCHEDULE_RUNNING = 3,   /* a call of its own runs, and is to be ended */
    SCHEDULE_BACK = 4,      /* nobody wants what was announced any more: it is to be taken back, whenever that can be */
};

struct schedule_facts {
    enum schedule_phase phase;
    int64_t cursor;     /* the last occurrence that was taken up */
    int64_t at;         /* that of what is under way */
    int64_t started_at; /* RUNNING */
    bool is_announcing; /* MAKING: what is asked for has AT as its date */
    bool waits_for_at;  /* MAKING: it could not be announced, and is asked for at AT */
    int32_t announce;   /* so long before; 0: at its time */
    int32_t end_after;  /* 0: it is not ended */
    int32_t late_max;   /* so long after its date something is still made or started */
    int64_t now_us;
    /* The first occurrence after AFTER; false: there is none. */
    bool (*next)(const void *dates, int64_t after, int64_t *ret);
    const void *dates;
};

enum schedule_word {
    SCHEDULE_WAIT,  /* for wait_us, then judge again */
    SCHEDULE_OVER,  /* nothing will ever be to do */
    SCHEDULE_MISS,  /* MISSED occurrences from AT on are too late: the cursor goes to CURSOR */
    SCHEDULE_BEGIN, /* take up AT: with its date where ANNOUNCES is set, else at once */
    SCHEDULE_MAKE,  /* ask for the call */
    SCHEDULE_START, /* start it */
    SCHEDULE_END,   /* end it; IS_CUT: the next occurrence has come */
    SCHEDULE_TAKE_BACK,
    SCHEDULE_GIVE_UP, /* it is too late for what is under way, or it is not to be ended any more */
};

struct schedule_verdict {
    enum schedule_word word;
    int64_t wait_us;
    int64_t at, cursor;
    int missed;
    bool announces, is_cut;
};

struct schedule_verdict schedule_judge(const struct schedule_facts *facts);

/* The pause after so many TRIES in a row that came to nothing, RETRY_AFTER_S (0: none) being what was asked for. */
int64_t schedule_pause_us(unsigned tries, int64_t retry_after_s);
/* The chat has another call before the date LEFT_S from now: when to look again. */
int64_t schedule_look_again_us(int64_t left_s);

#endif
