/* The data centres and their keys from the settings, or from the sandbox that runs inside. */
#ifndef TGCALLD_DATA_CENTRES_H
#define TGCALLD_DATA_CENTRES_H

#include "config/settings.h"
#include "daemon/base/err.h"
#include "daemon/base/fault.h"
#include "daemon/sandbox/sandbox.h"
#include "daemon/tg/dc.h"

struct data_centres {
    struct tg_dcs dcs;
    struct rsa_key *keys[TG_DCS_MAX];
    size_t keys_n;
};

/* SANDBOX is NULL outside of --sandbox. A fault names the file at fault. */
int data_centres_load(const struct settings *s, const struct sandbox *sandbox, struct data_centres *ret,
                      struct fault *fault) TGC_MUST;
void data_centres_fini(struct data_centres *d);

#endif
