/* Where Telegram's data centres are by its own word, and when to ask again: one for the process and its environment,
 * whatever the number of accounts. What an account hears in its session (account/config.c) is put here, and all
 * connections that are dialled from then on see it (dc_way.h). Any thread may call all of it. */
#ifndef TGCALLD_TG_DC_LEARNT_H
#define TGCALLD_TG_DC_LEARNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/buf.h"
#include "daemon/base/err.h"
#include "daemon/tg/dc.h"
#include "daemon/tg/dc_options.h"

struct dc_learnt;

enum dc_mode { DC_MODE_ANY, DC_MODE_PRODUCTION, DC_MODE_TEST };

struct dc_learnt_config {
    const struct tg_dcs *dcs; /* borrowed: options of others are of no use */
    enum dc_mode mode;        /* a config of the other one is refused: the two are never mixed */
    bool local;               /* addresses of this machine and of private networks may be meant */
    bool ipv6;                /* such addresses may be dialled */
    bool own_first;           /* the addresses of DCS were chosen by somebody: they are tried before what is learnt */
};

/* TGC_ENOMEM. */
int dc_learnt_new(const struct dc_learnt_config *config, struct dc_learnt **ret) TGC_MUST;
/* NULL is fine. */
void dc_learnt_free(struct dc_learnt *l);

const struct dc_learnt_config *dc_learnt_settings(const struct dc_learnt *l);

/* --- asking: by one account at a time, for all --- */

enum {
    DC_LEARNT_LIFE_MIN_S = 60, /* a config is never asked for sooner */
    DC_LEARNT_LIFE_MAX_S = 86400,
    DC_LEARNT_RETRY_S = 300, /* where asking came to nothing */
    DC_LEARNT_PACE_S = 30,   /* between the times that it is asked for because of an update, which all accounts get */
};

/* Whether it is time to ask for the config. TRUE: the caller asks now; nobody else is told so for a while. */
bool dc_learnt_claim(struct dc_learnt *l, int64_t now_us) TGC_MUST;
/* What is known may not hold any more (updateDcOptions, updateConfig): it is time to ask, soon. */
void dc_learnt_doubt(struct dc_learnt *l, int64_t now_us);

/* --- hearing --- */

/* A config, or part of one; WALL_US is since the Unix epoch. Whether what is to be kept for the next process is another
 * now. One that is of the other mode is refused; one without any option of use leaves the options as they are. */
bool dc_learnt_hear(struct dc_learnt *l, const struct tg_config *config, int64_t now_us, int64_t wall_us);

/* Those of data centre DC, in Telegram's order, at most TG_DC_OPTIONS_OF_ONE_MAX; how many. */
size_t dc_learnt_of(struct dc_learnt *l, int32_t dc, struct tg_dc_option *ret);
/* Another number whenever the options are others. */
unsigned dc_learnt_edition(struct dc_learnt *l);

/* --- across processes --- */

/* As it is to be kept: see tg_dc_options_write(). TGC_ENOMEM. */
int dc_learnt_write(struct dc_learnt *l, struct buf *out) TGC_MUST;
/* What an earlier process knew, unless something was heard or restored since. TGC_EINVAL: it is damaged, and nothing is
 * known by it. */
int dc_learnt_restore(struct dc_learnt *l, const char *text, int64_t now_us, int64_t wall_us) TGC_MUST;

#endif
