/* The data centres' beginning and end: what knows all of their rooms. */
#ifndef TGCALLD_SANDBOX_CENTRE_SETUP_H
#define TGCALLD_SANDBOX_CENTRE_SETUP_H

#include "daemon/sandbox/centre/centres.h"

struct centres_config {
    const struct clock_source *clock;   /* outlives them, as do random, rsa and the schemas */
    const struct random_source *random; /* of all where nothing is seeded */
    const struct rsa_key *rsa;
    const struct tl_schema *const *schemas;
    size_t schemas_n;
    bool seeded; /* ids, hashes and salts follow from `seed` */
    uint64_t seed;
    unsigned chats;      /* @sandbox_load_1…N */
    unsigned accounts;   /* extra.h; at most WORLD_EXTRA_MAX */
    bool stored_answers; /* of stored.h */
};

/* Into S, which is zeroed and stays where it is. Afterwards centres_fini(), whatever came out. */
int centres_init(struct centres *s, const struct centres_config *config, struct fault *fault) TGC_MUST;
/* All lines are closed by then. */
void centres_fini(struct centres *s);

#endif
