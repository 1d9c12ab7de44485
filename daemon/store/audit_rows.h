/* The audit: who changed something by the API, and who was refused. What a record is made of is none of the store's
 * business; they come and go by pages. A page is sealed: its records name people and chats.
 *
 * There are as many records as there may be events (the store_config's events_keep and events_keep_bytes), and of
 * strangers a tenth of that beside them; the oldest pages of a kind go first. */
#ifndef TGCALLD_STORE_AUDIT_ROWS_H
#define TGCALLD_STORE_AUDIT_ROWS_H

#include "daemon/store/store.h"

struct store_audit_page {
    int64_t id;          /* of a load: above 0, and above those of all pages that were put before */
    bool of_strangers;   /* their pages and the others do not push each other out */
    int64_t n;           /* records */
    const uint8_t *data; /* not empty; begins with eight bytes that are, little-endian, above 0 */
    size_t len;
};

/* Adds the pages, in their order. Several nodes may, each its own. */
int store_put_audit(struct store_desk *d, const struct store_audit_page *pages, size_t n, store_done_fn *done,
                    void *ctx) TGC_MUST;

/* LIST lives as long as the call: the pages before BEFORE, the newest first, as many as fit into STORE_AUDIT_BYTES, at
 * most STORE_AUDIT_PAGES, at least one where there is one. DAMAGED: so many pages more cannot be read. OLDEST: before
 * that one nothing was looked at; 0: there is nothing. */
enum { STORE_AUDIT_BYTES = 1 << 20, STORE_AUDIT_PAGES = 1024 };
typedef void store_audit_fn(void *ctx, int err, const char *why, const struct store_audit_page *list, size_t n,
                            size_t damaged, int64_t oldest);
int store_load_audit(struct store_desk *d, int64_t before, store_audit_fn *loaded, void *ctx) TGC_MUST;

#endif
