#include "daemon/sandbox/centre/setup.h"

#include <string.h>

#include "daemon/sandbox/centre/extra.h"
#include "daemon/sandbox/centre/late.h"
#include "daemon/sandbox/centre/push.h"
#include "daemon/sandbox/centre/session.h"
#include "daemon/sandbox/centre/stored.h"

enum { TRANSPORT_PAD = 15 };

int centres_init(struct centres *s, const struct centres_config *config, struct fault *fault)
{
    s->schemas = config->schemas;
    s->schemas_n = config->schemas_n;
    s->rsa = config->rsa;
    s->options.transport_pad = TRANSPORT_PAD;
    s->keys.holder = &session_key_holder;
    trace_init(&s->trace);
    s->random = s->noise = *config->random;
    if (config->seeded) {
        random_seeded_init(&s->seeded, config->seed);
        s->random = random_seeded_source(&s->seeded);
    }
    if (config->stored_answers && !(s->stored = stored_new()))
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    if (world_init(&s->world, config->clock, &s->random))
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    s->world.push = push_to_user;
    s->world.push_key = push_to_key;
    s->world.push_ctx = s;
    memcpy(s->keys.secret, s->world.secret, sizeof(s->keys.secret));
    int err = world_seed(&s->world, config->chats);
    if (!err)
        err = extra_add(s, config->accounts);
    return err ? fault_set(fault, err, "the world does not fit: %s", tgc_err_text(err)) : 0;
}

void centres_fini(struct centres *s)
{
    late_fini(s);
    stored_free(s->stored);
    keys_fini(&s->keys);
    inject_fini(&s->inject);
    trace_fini(&s->trace);
    world_fini(&s->world);
}
