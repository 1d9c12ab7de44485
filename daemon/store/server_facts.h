/* What a database's server is like, for whoever is to trust it: read, and judged by others. PostgreSQL's alone. */
#ifndef TGCALLD_STORE_SERVER_FACTS_H
#define TGCALLD_STORE_SERVER_FACTS_H

#include "daemon/store/db.h"

struct server_facts {
    int64_t seen_us;              /* when it was asked, by this machine's wall clock */
    int64_t clock_ahead_us;       /* its clock before this machine's, within the half of the answer's time */
    int64_t connections_left;     /* that this login can still have there */
    bool has_fsync;               /* without, what was committed may be gone after its machine's failure */
    bool has_full_page_writes;    /* without, the whole database may be */
    bool has_synchronous_commit;  /* for a connection of the daemon's */
    bool has_synchronous_standby; /* a standby has what was committed before it is said to be */
};

/* Outside of a transaction; locks nothing. */
int server_facts_read(struct db *db, const struct clock_source *clock, struct server_facts *ret,
                      struct fault *fault) TGC_MUST;
/* How many accounts the database of a store has; -1: no store was made in it yet, or its tables are being changed,
 * which is not waited for. Outside of a transaction. */
int server_facts_accounts(struct db *db, int64_t *ret, struct fault *fault) TGC_MUST;

#endif
