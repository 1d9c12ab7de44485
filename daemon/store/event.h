/* One event of the log, as the store takes and gives it. */
#ifndef TGCALLD_STORE_EVENT_H
#define TGCALLD_STORE_EVENT_H

#include <stddef.h>
#include <stdint.h>

struct store_event {
    int64_t id;          /* above 0 */
    const char *account; /* its name; "" for none */
    const char *type;
    int64_t received_at;
    const char *data; /* a text of LEN bytes; NULL of a gap that is appended */
    size_t len;
    int64_t reserved;   /* of the last row of a put: up to there ids may be given from now on */
    int64_t lost_after; /* of a load, with TYPE NULL: what was above that and up to ID cannot be read */
};

#endif
