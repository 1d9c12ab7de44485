/* What Telegram said of where its data centres are: one text for the database, which belongs to one environment. It is
 * no secret, and its form is its owner's. */
#ifndef TGCALLD_STORE_DC_ROW_H
#define TGCALLD_STORE_DC_ROW_H

#include "daemon/store/store.h"

enum { STORE_DC_OPTIONS_MAX = 32 << 10 };

/* In the place of what was there. TGC_ELIMIT: it is longer than STORE_DC_OPTIONS_MAX. */
int store_put_dc_options(struct store_desk *d, const char *text, store_done_fn *done, void *ctx) TGC_MUST;

/* TEXT lives as long as the call; "" where there is none; NULL with an error. */
typedef void store_dc_options_fn(void *ctx, int err, const char *why, const char *text);
int store_load_dc_options(struct store_desk *d, store_dc_options_fn *loaded, void *ctx) TGC_MUST;

#endif
