#include "daemon/tg/account/saved.h"

#include <stdio.h>

#include "daemon/tg/account/account.h"
#include "daemon/tg/account/account_internal.h"
#include "daemon/tg/account/inside.h"

/* Of a login that is being moved the key from before still is the one. */
static int32_t key_dc(const struct tg_account *a)
{
    return a->former.key && account_is_inside(a) ? a->former.dc : a->home_dc;
}

void tg_account_saved(const struct tg_account *a, struct tg_saved *ret)
{
    *ret = (struct tg_saved){
        .name = a->name,
        .state = a->state,
        .reason = a->reason,
        .remedy = a->remedy,
        .logout = a->logout,
        .home_dc = key_dc(a),
        .self_id = a->self_id,
        .user_id = a->user_id,
        .user = a->self,
        .way = a->way,
        .is_import = a->is_foreign,
    };
}

static bool is_cut_short(const struct tg_saved *saved)
{
    switch (saved->state) {
    case TG_ACCOUNT_WAIT_QR:
        return true;
    case TG_ACCOUNT_WAIT_CODE:
    case TG_ACCOUNT_WAIT_REGISTRATION:
    case TG_ACCOUNT_WAIT_EMAIL:
    case TG_ACCOUNT_WAIT_EMAIL_CODE:
        return !saved->has_steps;
    default:
        return false;
    }
}

static void set_state(struct tg_account *a, const struct tg_saved *saved)
{
    bool cut = is_cut_short(saved);

    account_count(a, -1);
    a->state = cut ? TG_ACCOUNT_WAIT_LOGIN : saved->state;
    account_count(a, 1);
    snprintf(a->reason, sizeof(a->reason), "%s",
             cut ? "the daemon was stopped in the middle of the login" : saved->reason);
    if (cut)
        snprintf(a->remedy, sizeof(a->remedy), "Begin again with POST /v1/accounts/%s/login", a->name);
    else
        snprintf(a->remedy, sizeof(a->remedy), "%s", saved->remedy);
}

int tg_account_restore(const struct tg_env *env, const struct tg_saved *saved, struct tg_account **ret)
{
    struct tg_account *a;
    int err = tg_account_new(env, saved->name, &a);

    if (err)
        return err;
    set_state(a, saved);
    a->way = tg_way_ref(saved->way);
    a->logout = saved->logout;
    a->home_dc = saved->home_dc;
    a->self_id = saved->self_id;
    a->user_id = saved->user_id;
    a->self = saved->user ? json_deep_copy(saved->user) : NULL;
    if (saved->key.key) {
        a->former = (struct account_former){.dc = saved->home_dc,
                                            .key = mt_auth_key_new(saved->key.key),
                                            .salt = saved->key.salt,
                                            .is_new = saved->key.is_new};
        a->is_foreign = saved->is_import;
        /* A step may have been taken, and the process was gone before it heard. */
        a->login_unsettled = !account_is_inside(a);
    }
    if ((saved->user && !a->self) || (saved->key.key && !a->former.key)) {
        tg_account_free(a);
        return TGC_ENOMEM;
    }
    if (a->state == TG_ACCOUNT_FROZEN)
        account_frozen_begin(a);
    *ret = a;
    return 0;
}

bool tg_account_saved_flood(struct tg_account *a, size_t i, struct tg_saved_flood *ret)
{
    if (i >= a->floods.n)
        return false;
    const struct flood *f = &a->floods.list[i];
    *ret = (struct tg_saved_flood){
        .method = f->key.method->name,
        .phone = f->key.phone,
        .family = f->family,
        .has_peer = f->key.has_peer,
        .of_peer = f->of_peer,
        .kind = f->key.kind,
        .peer_id = f->key.id,
        .code = f->code,
        .until_wall_us = clock_wall_us(a->env->clock) + f->until_us - tg_now(a->env),
    };
    return true;
}

/* Telegram has people wait for seconds to some days. What is left of more comes from a clock that was wrong, then or
 * now, and would be kept as long: it is forgotten, and Telegram says again what stands. */
#define FLOOD_LEFT_MAX_US (7 * 24 * 3600 * SECOND_US)

void tg_account_restore_flood(struct tg_account *a, const struct tg_saved_flood *saved)
{
    int64_t now_us = clock_wall_us(a->env->clock);

    if (saved->until_wall_us <= now_us || saved->until_wall_us - now_us > FLOOD_LEFT_MAX_US)
        return;
    struct flood f = {
        .key = {.method = tl_find_method(a->env->schema, saved->method),
                .has_peer = saved->has_peer,
                .kind = saved->kind,
                .id = saved->peer_id},
        .of_peer = saved->of_peer,
        .until_us = tg_now(a->env) + (saved->until_wall_us - now_us),
        .code = saved->code,
    };

    if (!f.key.method)
        return;
    snprintf(f.key.phone, sizeof(f.key.phone), "%s", saved->phone);
    snprintf(f.family, sizeof(f.family), "%s", saved->family);
    floods_restore(&a->floods, &f);
}
