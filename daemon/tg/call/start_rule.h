/* When a scheduled call is started for who wished so, as a rule without clock, account or network. */
#ifndef TGCALLD_TG_START_RULE_H
#define TGCALLD_TG_START_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/tg/call/trouble.h"

enum start_word {
    START_WAIT,   /* for so long, then judge again */
    START_ASK,    /* how the call is, then judge again; where that is known already, start it */
    START_MISSED, /* it is too late */
};

struct start_facts {
    int32_t date;
    int64_t late_max_us; /* so long after its date it is started */
    bool knows_time;     /* Telegram's: SERVER_US, Unix µs */
    int64_t server_us;
    bool can_ask;    /* the account is logged in */
    int64_t wall_us; /* the machine's Unix time, which counts only where nobody else can be asked */
};

/* The machine's time goes wrong, and Telegram's is known only by asking: so where it is not known, it is asked for. */
enum start_word start_judge(const struct start_facts *facts, int64_t *ret_wait_us);

/* What an answer that was no success asks for. */
enum start_next {
    START_AGAIN,   /* after the wait */
    START_REFUSED, /* Telegram's word, which stands */
};

/* TRIES: how many in a row came to nothing before. ANSWER: NULL: nothing could be asked. */
enum start_next start_after(const struct tg_answer *answer, unsigned tries, int64_t *ret_wait_us);

/* In words. */
enum { START_WHY_SIZE = 384 };
void start_describe(const struct tg_trouble *trouble, char out[static START_WHY_SIZE]);

#endif
