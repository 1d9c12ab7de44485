#include "daemon/tg/account/invoke.h"

#include <stdlib.h>

#include "daemon/base/limits.h"
#include "daemon/tg/account/repeat.h"
#include "daemon/tg/account/request.h"
#include "daemon/tl/encode.h"

static void judge_known_flood(struct tg_request *r)
{
    int64_t now = tg_now(r->account->env);
    const struct flood *flood = floods_find(&r->account->floods, &r->flood, now);

    if (!flood)
        return;
    if (request_can_wait(r, flood->until_us - now)) {
        request_delay(r, flood->until_us - now);
        return;
    }
    /* Telegram would only say it again, and count it. */
    flood_error(flood, now, &r->error);
    request_settle_error(r);
}

/* Most queries fit at once. */
enum { QUERY_USUAL = 256 };

static int encode(const struct tg_account *a, const struct tg_ask *ask, struct buf *query, struct fault *fault)
{
    if (!buf_room(query, QUERY_USUAL))
        return fault_set(fault, buf_err(query), "out of memory");
    if (ask->params)
        return tl_encode_method(a->env->schema, ask->method, ask->params, TL_ENCODE_STRICT, query, fault);
    return tl_encode_values(a->env->schema, ask->method, ask->values, query, fault);
}

int tg_invoke(struct tg_account *a, const struct tg_ask *ask, struct fault *fault)
{
    struct tg_request *r;
    int err;

    if (a->closing)
        return fault_set(fault, TGC_ECLOSED, "the account is closed");
    enum tg_repeat repeat = tg_repeat_judge(ask->method, ask->params);
    /* A frozen account can read. */
    if (!(ask->flags & TG_INVOKE_ANYWAY) && a->state != TG_ACCOUNT_READY &&
        !(a->state == TG_ACCOUNT_FROZEN && repeat == TG_REPEAT_READ)) {
        account_frozen_wanted(a);
        return fault_set(fault, TGC_ESTATE, "the account is %s", tg_account_state_text(a->state));
    }
    err = account_connect(a);
    if (err)
        return fault_set(fault, err == TGC_EUNKNOWN ? TGC_EPROTO : err, "no data centre %d is configured", a->home_dc);
    r = calloc(1, sizeof(*r));
    if (!r)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    buf_init_secret(&r->query, LIMIT_QUERY);
    err = encode(a, ask, &r->query, fault);
    if (err) {
        buf_fini(&r->query);
        free(r);
        return err;
    }
    r->account = a;
    r->method = ask->method;
    r->mark = tg_known_mark(a->known);
    r->begun_us = tg_now(a->env);
    r->deadline_us = ask->deadline_us;
    r->flags = ask->flags;
    r->flood = flood_key_of(ask, a->self_id);
    r->repeatable = repeat != TG_REPEAT_NEVER && !(ask->flags & TG_INVOKE_ONCE);
    if (repeat != TG_REPEAT_READ)
        r->effect = ask->effect;
    r->done = ask->done;
    r->unknown = ask->unknown;
    r->holds = ask->holds;
    if (repeat != TG_REPEAT_READ)
        r->gate = ask->gate;
    r->ctx = ask->ctx;
    DL_APPEND(a->requests, r);
    judge_known_flood(r);
    request_try_send(r);
    account_wake_at(a, request_due_us(r));
    return 0;
}

int tg_invoke_named(struct tg_account *a, const char *method, json_t *params, int64_t deadline_us, unsigned flags,
                    tg_answer_fn *done, void *ctx, struct fault *fault)
{
    struct tg_ask ask = {.method = tl_find_method(a->env->schema, method),
                         .params = params,
                         .deadline_us = deadline_us,
                         .flags = flags,
                         .done = done,
                         .ctx = ctx};
    int err;

    if (!params)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    if (ask.method)
        err = tg_invoke(a, &ask, fault);
    else
        err = fault_set(fault, TGC_EUNKNOWN, "layer %d has no %s", tl_schema_layer(a->env->schema), method);
    json_decref(params);
    return err;
}

void invoke_hold_all(struct tg_account *a)
{
    struct tg_request *r;

    DL_FOREACH (a->requests, r)
        request_hold(r);
}

void invoke_send_waiting(struct tg_account *a)
{
    struct tg_request *r;

    DL_FOREACH (a->requests, r)
        request_try_send(r);
}

void invoke_unsend_all(struct tg_account *a)
{
    struct tg_request *r;

    DL_FOREACH (a->requests, r) {
        if (r->state == REQUEST_SENT)
            request_unsend(r);
        else if (r->state == REQUEST_UNKNOWN)
            request_settle_lost(r);
    }
}

void invoke_fail_all(struct tg_account *a, int err, const char *detail)
{
    /* Those that were there: a caller's new request fails by the account's state. */
    struct tg_request *last = a->requests ? a->requests->prev : NULL;

    while (last && a->requests) {
        struct tg_request *r = a->requests;
        bool is_last = r == last;
        if (r->state == REQUEST_DONE || r->state == REQUEST_UNKNOWN) {
            if (r->state == REQUEST_UNKNOWN)
                request_settle_lost(r);
            request_finish_settled(r);
        } else {
            request_finish_failed(r, err, detail);
        }
        if (is_last)
            break;
    }
}
