/* Where a database was used before, and whether it is a copy: what is to be known of it before its logins are used
 * again, since Telegram ends one whose key it sees at two places at once. */
#ifndef TGCALLD_STORE_PAST_H
#define TGCALLD_STORE_PAST_H

#include "daemon/store/store_internal.h"

/* Of what was read in a database that is there. */
struct store_past {
    int64_t copied_at; /* Unix seconds; 0: it is no copy, or that was told already */
    char place[512];   /* where it was used last; "": nowhere, or here */
    bool is_news;      /* this is not what the database says of itself */
};

/* And has it used by nobody else on this machine (lineage.h): TGC_EBUSY where another process uses the database that
 * this one is a copy of, or a copy of it. Nothing is changed. */
int store_past_read(struct store *s, struct store_past *ret, struct fault *fault) TGC_MUST;
/* It is used here from now on, which the log is told where it is news; within a transaction. */
int store_past_end(struct store *s, const struct store_past *past, struct fault *fault) TGC_MUST;

/* SQL without parameters that makes a copy say when it was made; within OUT. */
enum { STORE_MARK_SIZE = 160 };
void store_past_mark(int64_t now_s, char out[static STORE_MARK_SIZE]);

#endif
