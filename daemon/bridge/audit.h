/* The audit: who changed something by the API, and who was refused. The front end notes each such request when it has
 * its answer; what gathered is taken by a worker a little later, for the disk. Any thread; there is one short lock.
 *
 * Who has shown no token may ask as often as he likes, so he is not noted as often as that: of those refusals from one
 * address with one status the first of a minute is noted as it is, and all that follow in that minute are one record
 * with their number, the last of them standing for the others. They are kept apart, and cannot push out the rest. */
#ifndef TGCALLD_BRIDGE_AUDIT_H
#define TGCALLD_BRIDGE_AUDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/buf.h"
#include "daemon/base/err.h"
#include "daemon/bridge/audit_pack.h"

struct audit;

enum audit_kind {
    AUDIT_KNOWN,     /* a token or a uid */
    AUDIT_STRANGERS, /* nobody known: refused for that, or before it was looked at */
    AUDIT_KINDS
};

int audit_new(struct audit **ret) TGC_MUST;
/* NULL is fine. */
void audit_free(struct audit *a);

/* Notes R. What waits for the disk has a maximum; what goes beyond it is lost, and counted. A NULL audit notes nothing.
 */
void audit_add(struct audit *a, enum audit_kind kind, const struct audit_record *r);

/* How soon something is to be taken. */
enum audit_haste {
    AUDIT_NOTHING,
    AUDIT_MINUTE, /* no more than a number of strangers' */
    AUDIT_SOON,
    AUDIT_NOW, /* enough for a page */
};
enum audit_haste audit_haste(const struct audit *a);

/* What was noted, packed, the oldest first. */
struct audit_batch {
    struct buf records[AUDIT_KINDS];
    size_t n[AUDIT_KINDS];
};
void audit_batch_init(struct audit_batch *b);
void audit_batch_fini(struct audit_batch *b);

/* Moves what waits into B, which is empty; with numbers of strangers whose minute is not over at NOW_US (wall clock)
 * where ALL. Returns how many were lost since they were last asked for. */
size_t audit_take(struct audit *a, bool all, int64_t now_us, struct audit_batch *b);
/* The disk did not take B: it waits again, in front of what came since. B is empty then. */
void audit_give_back(struct audit *a, struct audit_batch *b);

#endif
