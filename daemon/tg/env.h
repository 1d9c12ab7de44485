/* What all accounts of a worker share. Set up before the first account, unchanged afterwards. */
#ifndef TGCALLD_TG_ENV_H
#define TGCALLD_TG_ENV_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/clock.h"
#include "daemon/base/proxy.h"
#include "daemon/base/random.h"
#include "daemon/net/loop.h"
#include "daemon/tg/dc.h"
#include "daemon/tg/keeper.h"
#include "daemon/tg/listener.h"
#include "daemon/tl/schema.h"
#include "daemon/wire/wire.h"

struct chat_seat;
struct dc_learnt;
struct handshake_seat;
struct meter;

struct tg_env {
    struct net_loop *loop;
    struct chat_seat *chats;           /* chat_lock.h */
    struct handshake_seat *handshakes; /* handshakes.h; NULL: as many at once as there are */
    const struct clock_source *clock;
    const struct random_source *random;
    const struct tl_schema *schema; /* the layer that is spoken */
    const struct tg_dcs *dcs;
    struct dc_learnt *learnt; /* of them by Telegram's word: dc_learnt.h; NULL: nothing is learnt */
    const char *environment;  /* "production", "test", "custom", "sandbox" */
    int32_t api_id;           /* 0: none configured, logging in is refused */
    const char *api_hash;
    const char *device_model, *system_version, *app_version, *lang_code;
    const struct proxy *proxy; /* NULL: none */
    enum wire_framing framing;
    bool obfuscated;
    int32_t temporary_key_life_s;       /* 0: no temporary keys, the permanent one speaks itself */
    int64_t flood_wait_max_us;          /* waits up to this are waited out */
    int64_t request_timeout_us;         /* for the daemon's own requests */
    const struct tg_listener *listener; /* NULL for none */
    const struct tg_keeper *keeper;     /* NULL for none */
    struct meter *meter;                /* this thread's; NULL for none */
};

static inline int64_t tg_now(const struct tg_env *env)
{
    return clock_mono_us(env->clock);
}

#endif
