/* What answers and updates teach an account. updateGroupCall has no pts, so that a lost one is simply gone: where
 * updates may have been missed, the calls are read again. */
#include "daemon/base/log.h"
#include "daemon/tg/account/account_internal.h"
#include "daemon/tg/account/follow.h"
#include "daemon/tg/account/inside.h"
#include "daemon/tg/account/refresh.h"

int account_learn(struct tg_account *a, const struct tl_comb *method, uint64_t mark, const uint8_t *data, size_t len,
                  struct tg_learnt *ret, struct fault *fault)
{
    int err = tg_known_learn(a->known, method, mark, data, len, ret, fault);

    a->undefined_flags += ret->undefined_flags;
    if (ret->config_told && !err)
        account_config_told(a, method, data, len);
    if (ret->config_doubted)
        account_config_doubted(a);
    if (ret->missed)
        refresh_begin(a->refresh);
    else
        refresh_wake(a->refresh);
    return err;
}

void account_on_update(struct tg_account *a, const uint8_t *data, size_t len)
{
    struct fault fault = {0};
    struct tg_learnt learnt;

    tg_known_heard(a->known);
    if (a->login)
        a->login_ops->on_update(a);
    if (account_learn(a, NULL, 0, data, len, &learnt, &fault) == 0) {
        follow_update(a, data, len, &learnt);
        return;
    }
    /* Something of a layer that we do not speak: what it said is asked for instead. */
    log_info("tg", "account %s: an update does not fit layer %d: %s", a->name, tl_schema_layer(a->env->schema),
             fault.text);
    account_missed_updates(a);
    follow_unread(a);
}

void account_missed_updates(struct tg_account *a)
{
    tg_known_missed(a->known);
    refresh_begin(a->refresh);
}

void account_link_lost(struct tg_account *a)
{
    tg_known_link_lost(a->known);
    invoke_hold_all(a);
    refresh_begin(a->refresh);
}
