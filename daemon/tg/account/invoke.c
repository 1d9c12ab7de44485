#include "daemon/tg/account/invoke.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/tg/account/invoke_internal.h"
#include "daemon/tl/encode.h"

enum { REPEATS_MAX = 2 };

/* Long after any honest answer, and soon enough for a second one within the usual deadline of 30 s. */
#define REPEAT_AFTER_US (12 * SECOND_US)

void request_unsend(struct tg_request *r)
{
    if (r->number) {
        HASH_DEL(r->account->by_number, r);
        r->number = 0;
    }
}

static void drop(struct tg_request *r)
{
    request_unsend(r);
    DL_DELETE(r->account->requests, r);
    buf_fini_secret(&r->query); /* codes and password proofs pass through here */
    free(r);
}

/* The request is gone before its caller hears: the caller may ask again, or free what CTX points to. */
void request_finish(struct tg_request *r, struct tg_answer *answer)
{
    tg_answer_fn *done = r->done;
    void *ctx = r->ctx;
    struct mt_rpc_error error = r->error;

    answer->method = r->method;
    if (answer->outcome == TG_RPC_ERROR)
        answer->error = &error;
    drop(r);
    done(ctx, answer);
}

void request_finish_error(struct tg_request *r)
{
    request_finish(r, &(struct tg_answer){.outcome = TG_RPC_ERROR});
}

void request_finish_failed(struct tg_request *r, int err, const char *detail)
{
    request_finish(r, &(struct tg_answer){.outcome = TG_NO_ANSWER, .err = err, .detail = detail});
}

void request_try_send(struct tg_request *r)
{
    struct tg_account *a = r->account;
    int64_t now = tg_now(a->env);
    uint64_t number;

    /* What is past its deadline must not run any more: its caller will be told that it did not. */
    if (!a->client || r->number || (a->moving_to && !(r->flags & TG_INVOKE_MOVE)) || r->give_error ||
        r->not_before_us > now || r->deadline_us <= now)
        return;
    int err = tg_client_send(a->client, r->query.data, r->query.len, &number);
    if (err)
        return; /* no session yet, or its queue is full: the tick tries again until the deadline */
    r->number = number;
    r->sent_us = now;
    HASH_ADD(hh, a->by_number, number, sizeof(r->number), r);
    if (!r->hh.tbl) { /* no memory to find it again: it waits for the next tick */
        tg_client_forget(a->client, number);
        r->number = 0;
    }
}

/* A wait that is short enough and ends before the deadline is waited out. */
bool request_can_wait(const struct tg_request *r, int64_t wait_us)
{
    const struct tg_env *env = r->account->env;

    return !(r->flags & TG_INVOKE_LOGIN) && wait_us <= env->flood_wait_max_us && tg_now(env) + wait_us < r->deadline_us;
}

/* --- asking --- */

static void judge_known_flood(struct tg_request *r)
{
    int64_t now = tg_now(r->account->env), until_us = floods_until(&r->account->floods, r->method, now);
    int64_t wait_us = until_us - now;
    char text[48];

    if (!until_us)
        return;
    if (request_can_wait(r, wait_us)) {
        r->not_before_us = until_us;
        return;
    }
    /* Telegram would only say it again, and count it. */
    int n = snprintf(text, sizeof(text), "FLOOD_WAIT_%" PRId64, (wait_us + SECOND_US - 1) / SECOND_US);
    mt_rpc_error_set(&r->error, 420, text, (size_t)n);
    r->give_error = true;
}

int tg_invoke(struct tg_account *a, const struct tl_comb *method, const json_t *params, int64_t deadline_us,
              unsigned flags, tg_answer_fn *done, void *ctx, struct fault *fault)
{
    struct tg_request *r;
    int err;

    if (a->closing)
        return fault_set(fault, TGC_ECLOSED, "the account is closed");
    if (!(flags & TG_INVOKE_LOGIN) && a->state != TG_ACCOUNT_READY)
        return fault_set(fault, TGC_ESTATE, "the account is %s", tg_account_state_text(a->state));
    err = account_connect(a);
    if (err)
        return fault_set(fault, err == TGC_EUNKNOWN ? TGC_EPROTO : err, "no data centre %d is configured", a->home_dc);
    r = calloc(1, sizeof(*r));
    if (!r)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    buf_init(&r->query, LIMIT_QUERY);
    err = tl_encode_method(a->env->schema, method, params, TL_ENCODE_STRICT, &r->query, fault);
    if (err) {
        buf_fini_secret(&r->query);
        free(r);
        return err;
    }
    r->account = a;
    r->method = method;
    r->deadline_us = deadline_us;
    r->flags = flags;
    r->done = done;
    r->ctx = ctx;
    DL_APPEND(a->requests, r);
    judge_known_flood(r);
    request_try_send(r);
    if (!a->ticking || r->give_error)
        account_tick_soon(a);
    return 0;
}

int tg_invoke_named(struct tg_account *a, const char *method, json_t *params, int64_t deadline_us, unsigned flags,
                    tg_answer_fn *done, void *ctx, struct fault *fault)
{
    const struct tl_comb *comb = tl_find_method(a->env->schema, method);
    int err;

    if (!params)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    if (comb)
        err = tg_invoke(a, comb, params, deadline_us, flags, done, ctx, fault);
    else
        err = fault_set(fault, TGC_EUNKNOWN, "layer %d has no %s", tl_schema_layer(a->env->schema), method);
    json_decref(params);
    return err;
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

    DL_FOREACH (a->requests, r)
        request_unsend(r);
}

static void time_out(struct tg_request *r)
{
    struct tg_account *a = r->account;
    char detail[320];

    if (r->number && a->client)
        tg_client_forget(a->client, r->number);
    /* The last word of the server says more than that time ran out. */
    if (r->has_error) {
        request_finish_error(r);
        return;
    }
    const char *trouble = tg_account_trouble(a);
    if (trouble[0])
        snprintf(detail, sizeof(detail), "no connection to data centre %d: %s", a->home_dc, trouble);
    else
        snprintf(detail, sizeof(detail), "data centre %d did not answer in time", a->home_dc);
    request_finish_failed(r, TGC_ETIMEOUT, detail);
}

/* An answer that got lost between the server and us comes by no rule of the session's: the server has acknowledged the
 * request and holds it done. What is harmless to repeat is asked again, while the link works; an answer to the first
 * question still counts. */
static void repeat_unanswered(struct tg_request *r, int64_t now)
{
    int64_t since;

    if (!r->number || !(r->flags & TG_INVOKE_REPEATABLE) || r->repeats == REPEATS_MAX || !r->account->client ||
        now - r->sent_us < REPEAT_AFTER_US || tg_client_connection(r->account->client, &since) != TG_CONNECTION_READY)
        return;
    tg_client_repeat(r->account->client, r->number);
    r->sent_us = now;
    r->repeats++;
}

bool invoke_tick(struct tg_account *a)
{
    int64_t now = tg_now(a->env);
    bool again = true;

    /* A finished request's caller may add, cancel or end others: the walk starts over after each. */
    while (again) {
        struct tg_request *r;
        again = false;
        DL_FOREACH (a->requests, r) {
            if (r->give_error || r->deadline_us <= now) {
                if (r->give_error)
                    request_finish_error(r);
                else
                    time_out(r);
                again = true;
                break;
            }
            repeat_unanswered(r, now);
            if (!r->number)
                request_try_send(r);
        }
    }
    return a->requests != NULL;
}

void invoke_fail_all(struct tg_account *a, int err, const char *detail)
{
    /* Those that were there: a caller's new request fails by the account's state. */
    struct tg_request *last = a->requests ? a->requests->prev : NULL;

    while (last && a->requests) {
        bool is_last = a->requests == last;
        request_finish_failed(a->requests, err, detail);
        if (is_last)
            break;
    }
}
