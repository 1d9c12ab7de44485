/* What a request that goes to another node is about, as far as it says so itself: whose account that is, and so which
 * lease it waits for, the database knows (relay_sql.c). */
#ifndef TGCALLD_STORE_RELAY_ROUTE_H
#define TGCALLD_STORE_RELAY_ROUTE_H

#include <stdint.h>

enum relay_about {
    RELAY_ABOUT_NONE, /* no account, or all: the lead's */
    RELAY_ABOUT_ACCOUNT,
    RELAY_ABOUT_CALL, /* the account's that created it, else of the only one that knows it */
    RELAY_ABOUT_SCHEDULE,
    RELAY_ABOUT_INTENT,
};

struct relay_route {
    enum relay_about about;
    const char *name;    /* of the account, or the schedule; else NULL */
    int64_t id;          /* of the call, or the intent */
    const char *visible; /* of a call: names with commas between, of the only accounts that count; NULL or "": all do */
};

#endif
