/* The data centres and their keys from the settings, or from the sandbox that runs inside. */
#ifndef TGCALLD_DATA_CENTRES_H
#define TGCALLD_DATA_CENTRES_H

#include "config/settings.h"
#include "daemon/base/err.h"
#include "daemon/base/fault.h"
#include "daemon/sandbox/sandbox.h"
#include "daemon/tg/dc.h"
#include "daemon/tg/dc_learnt.h"

struct data_centres {
    struct tg_dcs dcs;
    struct rsa_key *keys[TG_DCS_MAX];
    size_t keys_n;
};

/* SANDBOX is NULL outside of --sandbox. A fault names the file at fault. */
int data_centres_load(const struct settings *s, const struct sandbox *sandbox, struct data_centres *ret,
                      struct fault *fault) TGC_MUST;
/* Where what Telegram says of them comes to be known; D outlives it. TGC_ENOMEM. */
int data_centres_learnt(const struct settings *s, const struct data_centres *d, struct dc_learnt **ret) TGC_MUST;
void data_centres_fini(struct data_centres *d);

#endif
