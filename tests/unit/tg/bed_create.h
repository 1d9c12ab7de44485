/* Creates on the bed, and what is on record of them afterwards. */
#ifndef TGCALLD_TESTS_TG_BED_CREATE_H
#define TGCALLD_TESTS_TG_BED_CREATE_H

#include "daemon/tg/call/create.h"
#include "tests/unit/tg/bed.h"

enum { BED_CREATE_S = 30 };

/* What who asked was told. */
struct bed_made {
    const struct bed *bed;
    unsigned times;
    enum tg_create_end end;
    enum tg_fate fate; /* of TG_CREATE_TROUBLE */
    int err;           /* the same: in place of an answer */
    char text[256];    /* the same: of an RPC error */
    int64_t id;        /* of the call; 0: none */
    int64_t at_us;
};

/* Begins it on A; without a deadline of its own it has BED_CREATE_S. M and what ORDER points to stay until it was told.
 */
void bed_create_on(const struct bed *b, struct tg_account *a, const struct tg_create_order *order, struct bed_made *m);
/* The same on the bed's own account. */
void bed_create(const struct bed *b, const struct tg_create_order *order, struct bed_made *m);

/* One called "Title" in @news, until its deadline. */
void bed_create_news(struct bed *b, enum tg_if_exists if_exists, struct bed_made *m);
/* The same with S seconds until then. */
void bed_create_news_in(struct bed *b, enum tg_if_exists if_exists, int64_t s, struct bed_made *m);

/* What the account tells of its calls, once the unsettled was asked for, is how they are. */
void bed_expect_true_records(struct bed *b);

#endif
