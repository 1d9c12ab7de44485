/* A word that a request waits for before it goes out for the first time: that it is written down that it will. Whoever
 * asked has the gate, which outlives the request or its `unknown`. The account's thread. */
#ifndef TGCALLD_TG_GATE_H
#define TGCALLD_TG_GATE_H

#include <stdbool.h>
#include <stdint.h>

struct tg_account;

struct tg_gate {
    /* Called once, and once more after tg_gate_close(), when a request could go now, maybe from inside asking. Opens,
     * shuts, or does so later; it asks nothing itself. */
    void (*wanted)(struct tg_gate *gate);
    void *ctx;
    int32_t random_id; /* the one that phone.createGroupCall is to go out with; 0: none yet */
    bool is_asked, is_open, is_shut;
    bool is_out; /* a request may have been carried out */
};

/* All go from now on. */
void tg_gate_open(struct tg_gate *gate, struct tg_account *a);
/* What comes next is another, and waits for a word of its own. Nothing of it is under way. */
void tg_gate_close(struct tg_gate *gate);
/* None goes any more: those that wait end with TGC_ETIMEOUT, and were not sent. False, and nothing is changed: one may
 * have been carried out. */
bool tg_gate_shut(struct tg_gate *gate, struct tg_account *a);

#endif
