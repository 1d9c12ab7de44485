/* What answers and updates teach an account. updateGroupCall has no pts, so that a lost one is simply gone: where
 * updates may have been missed, the calls are read again. */
#include <stdlib.h>

#include "daemon/base/log.h"
#include "daemon/tg/account/account_internal.h"

int account_learn(struct tg_account *a, const struct tl_comb *method, const uint8_t *data, size_t len,
                  int64_t *ret_call_id, struct fault *fault)
{
    struct harvest h;
    int64_t now = clock_wall_us(a->env->clock) / SECOND_US;
    bool reread = false;
    int err = tg_harvest(&a->words, method, data, len, a->peers, &h, fault);

    a->undefined_flags += h.undefined_flags;
    for (size_t i = 0; i < h.calls_n; i++) {
        struct tg_call *call;
        bool gap;
        int fold = tg_calls_fold(a->calls, &h.calls[i], now, &call, &gap);
        if (fold)
            return fault_set(fault, fold, "out of memory");
        if (ret_call_id && h.calls[i].from_update && !h.calls[i].discarded)
            *ret_call_id = h.calls[i].id;
        if (gap && call) {
            call->stale = true;
            reread = true;
        }
    }
    if (h.too_long || h.calls_lost)
        account_missed_updates(a);
    else if (reread)
        account_refresh_calls(a);
    return err;
}

void account_on_update(struct tg_account *a, const uint8_t *data, size_t len)
{
    struct fault fault = {0};

    account_heard_update(a);
    if (account_learn(a, NULL, data, len, NULL, &fault) == 0)
        return;
    /* Something of a layer that we do not speak: what it said is asked for instead. */
    log_info("tg", "account %s: an update does not fit layer %d: %s", a->name, tl_schema_layer(a->env->schema),
             fault.text);
    account_missed_updates(a);
}

/* --- reading stale calls again, one at a time --- */

static void refresh_next(struct tg_account *a);

struct refresh {
    struct tg_account *account;
    int64_t id;
};

/* The call cannot be seen any more: it is over, as far as this account is concerned. */
static void give_up(struct tg_account *a, int64_t id)
{
    struct tg_call *call = tg_calls_find(a->calls, id);

    if (!call)
        return;
    struct tg_call_seen gone = {.id = id, .access_hash = call->access_hash, .discarded = true, .duration = -1};
    (void)!tg_calls_fold(a->calls, &gone, clock_wall_us(a->env->clock) / SECOND_US, NULL, NULL);
}

static void on_refreshed(void *ctx, const struct tg_answer *answer)
{
    struct refresh *r = ctx;
    struct tg_account *a = r->account;
    struct tg_call *call = tg_calls_find(a->calls, r->id);
    bool settled = true;

    a->refreshing = false;
    if (answer->outcome == TG_RPC_ERROR && (answer->error->code == 400 || answer->error->code == 403))
        give_up(a, r->id);
    else if (answer->outcome == TG_RESULT && call)
        call->stale = false;
    else
        settled = answer->outcome == TG_RESULT;
    free(r);
    /* The call is still stale after a failure, so that going on would ask for it without end: the next gap, or a
     * reader, starts another round. */
    if (settled)
        refresh_next(a);
}

static void refresh_next(struct tg_account *a)
{
    struct tg_call *call = NULL;
    struct fault fault;

    while ((call = tg_calls_next(a->calls, call)) != NULL)
        if (call->stale)
            break;
    if (!call || a->state != TG_ACCOUNT_READY)
        return;
    struct refresh *r = calloc(1, sizeof(*r));
    if (!r)
        return;
    r->account = a;
    r->id = call->id;
    json_t *params = json_pack("{s:o, s:i}", "call", tg_call_input(call), "limit", 1);
    if (tg_invoke_named(a, "phone.getGroupCall", params, tg_now(a->env) + a->env->request_timeout_us,
                        TG_INVOKE_REPEATABLE, on_refreshed, r, &fault) != 0)
        free(r);
    else
        a->refreshing = true;
}

void account_refresh_calls(struct tg_account *a)
{
    if (!a->refreshing)
        refresh_next(a);
}
