/* A database server that does not answer. What was accepted waits for it; when the patience is over it fails, as on a
 * full disk, but for the one transaction that was sent and not answered: whether that was written is asked when the
 * server is back, and told then. On the store's thread; of a file nothing of this happens. */
#ifndef TGCALLD_STORE_AWAY_H
#define TGCALLD_STORE_AWAY_H

#include "daemon/store/store_internal.h"

/* Until when what begins now waits. */
int64_t store_patience_until(struct store *s);
bool store_is_patience_over(struct store *s, int64_t until_us);
/* After TGC_EAWAY, with FAULT saying why. 0: it is back, and *RET_WRITTEN says whether the last transaction was written
 * all the same. TGC_EAWAY: it is not, and UNTIL_US is over. TGC_EBUSY: another daemon has it. */
int store_await_server(struct store *s, int64_t until_us, bool *ret_written, struct fault *fault) TGC_MUST;
/* What follows from ERR: TGC_EBUSY of a server, which says that another daemon has the database. */
void store_judge(struct store *s, int err, const struct fault *fault);
/* A write that was accepted and failed: where the process ends, it is counted. */
void store_note_unkept(struct store *s, const struct store_op *op);
/* When nothing is to be done: whether it answers still, or again. */
void store_look(struct store *s);
/* The operations that nothing was known of, once something is; else the list stays empty. */
void store_take_settled(struct store *s, struct store_list *done);
/* The store closes: it will not be known. */
void store_give_up_unsure(struct store *s);

#endif
