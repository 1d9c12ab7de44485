/* A conference is created: a call without a chat, of whoever has its link. What POST /v1/calls with "conference": true
 * means. Nothing else can be ended by it, so nobody waits in a line, and nothing is asked first.
 *
 * Only its random_id says which conference an intent is about, since there is no chat to look into: where the fate of a
 * create is unknown, the same random_id again gives the one conference of both. The account's thread. */
#ifndef TGCALLD_TG_CONFERENCE_H
#define TGCALLD_TG_CONFERENCE_H

#include "daemon/tg/call/trouble.h"

enum tg_conference_end {
    TG_CONFERENCE_MADE,  /* CALL, UPDATES */
    TG_CONFERENCE_SPENT, /* the random_id is of a conference that has ended */
    TG_CONFERENCE_TROUBLE,
};

struct tg_conference_outcome {
    enum tg_conference_end end;
    int32_t random_id;    /* that it went out with */
    struct tg_call *call; /* borrowed, as all of it, for the call of DONE */
    const struct tg_answer *updates;
    struct tg_trouble trouble; /* of SPENT: Telegram's answer, where that said so */
};

typedef void tg_conference_fn(void *ctx, const struct tg_conference_outcome *outcome);

/* RANDOM_ID 0: one is drawn. GATE may be NULL. DONE is called once, maybe from inside, by the deadline; what comes
 * later is learnt. */
void tg_conference_create(struct tg_account *a, int32_t random_id, int64_t deadline_us, struct tg_gate *gate,
                          tg_conference_fn *done, void *ctx);

#endif
