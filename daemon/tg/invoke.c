#include "daemon/tg/invoke.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/base/log.h"
#include "daemon/tg/account_internal.h"
#include "daemon/tg/retry.h"
#include "daemon/tl/encode.h"

enum { TRIES_MAX = 5, INIT_TRIES_MAX = 3, MOVES_MAX = 3, REPEATS_MAX = 2 };

/* Long after any honest answer, and soon enough for a second one within the usual deadline of 30 s. */
#define REPEAT_AFTER_US (12 * SECOND_US)

struct tg_request {
    struct tg_account *account;
    const struct tl_comb *method;
    struct buf query;
    int64_t deadline_us, not_before_us;
    int64_t sent_us; /* when it went into the session */
    unsigned flags, tries, inits, moves, repeats;
    tg_answer_fn *done; /* NULL once cancelled */
    void *ctx;
    uint64_t number; /* in the session; 0 while it waits here */
    bool has_error;  /* the last error, told when time runs out */
    bool give_error; /* it is the answer: told at the next tick */
    struct mt_rpc_error error;
    struct tg_request *prev, *next;
    UT_hash_handle hh;
};

static void unsend(struct tg_request *r)
{
    if (r->number) {
        HASH_DEL(r->account->by_number, r);
        r->number = 0;
    }
}

static void drop(struct tg_request *r)
{
    unsend(r);
    DL_DELETE(r->account->requests, r);
    buf_fini_secret(&r->query); /* codes and password proofs pass through here */
    free(r);
}

/* The request is gone before its caller hears: the caller may ask again, or free what CTX points to. */
static void finish(struct tg_request *r, struct tg_answer *answer)
{
    tg_answer_fn *done = r->done;
    void *ctx = r->ctx;
    struct mt_rpc_error error = r->error;

    answer->method = r->method;
    if (answer->outcome == TG_RPC_ERROR)
        answer->error = &error;
    drop(r);
    if (done)
        done(ctx, answer);
}

static void finish_error(struct tg_request *r)
{
    finish(r, &(struct tg_answer){.outcome = TG_RPC_ERROR});
}

static void finish_failed(struct tg_request *r, int err, const char *detail)
{
    finish(r, &(struct tg_answer){.outcome = TG_NO_ANSWER, .err = err, .detail = detail});
}

static void try_send(struct tg_request *r)
{
    struct tg_account *a = r->account;
    int64_t now = tg_now(a->env);
    uint64_t number;

    /* What is past its deadline must not run any more: its caller will be told that it did not. */
    if (!a->client || r->number || r->give_error || r->not_before_us > now || r->deadline_us <= now)
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

/* --- waits that Telegram asked for --- */

static struct flood *find_flood(struct tg_account *a, const struct tl_comb *method)
{
    int64_t now = tg_now(a->env);

    for (size_t i = 0; i < a->floods_n;) {
        if (a->floods[i].until_us <= now)
            a->floods[i] = a->floods[--a->floods_n];
        else if (a->floods[i].method == method)
            return &a->floods[i];
        else
            i++;
    }
    return NULL;
}

static void remember_flood(struct tg_account *a, const struct tl_comb *method, int64_t until_us)
{
    struct flood *f = find_flood(a, method);

    if (!f) {
        if (a->floods_n == FLOODS_MAX)
            return;
        f = &a->floods[a->floods_n++];
        f->method = method;
    }
    f->until_us = until_us;
}

json_t *invoke_flood_waits(struct tg_account *a)
{
    json_t *list = json_array();
    int64_t mono = tg_now(a->env), wall = clock_wall_us(a->env->clock);

    find_flood(a, NULL);
    for (size_t i = 0; i < a->floods_n; i++)
        json_array_append_new(
            list, json_pack("{s:s, s:I}", "method", a->floods[i].method->name, "until",
                            (json_int_t)((wall + a->floods[i].until_us - mono + SECOND_US - 1) / SECOND_US)));
    return list;
}

/* A wait that is short enough and ends before the deadline is waited out. */
static bool can_wait(const struct tg_request *r, int64_t wait_us)
{
    const struct tg_env *env = r->account->env;

    return !(r->flags & TG_INVOKE_LOGIN) && wait_us <= env->flood_wait_max_us && tg_now(env) + wait_us < r->deadline_us;
}

/* --- asking --- */

static void judge_known_flood(struct tg_request *r)
{
    struct flood *f = find_flood(r->account, r->method);
    char text[48];

    if (!f)
        return;
    int64_t wait_us = f->until_us - tg_now(r->account->env);
    if (can_wait(r, wait_us)) {
        r->not_before_us = f->until_us;
        return;
    }
    /* Telegram would only say it again, and count it. */
    int n = snprintf(text, sizeof(text), "FLOOD_WAIT_%" PRId64, (wait_us + SECOND_US - 1) / SECOND_US);
    mt_rpc_error_set(&r->error, 420, text, (size_t)n);
    r->give_error = true;
}

int tg_invoke(struct tg_account *a, const struct tl_comb *method, const json_t *params, int64_t deadline_us,
              unsigned flags, tg_answer_fn *done, void *ctx, struct tg_request **ret, struct fault *fault)
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
    try_send(r);
    if (!a->ticking || r->give_error)
        account_tick_soon(a);
    if (ret)
        *ret = r;
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
        err = tg_invoke(a, comb, params, deadline_us, flags, done, ctx, NULL, fault);
    else
        err = fault_set(fault, TGC_EUNKNOWN, "layer %d has no %s", tl_schema_layer(a->env->schema), method);
    json_decref(params);
    return err;
}

void tg_request_cancel(struct tg_request *r)
{
    r->done = NULL;
}

/* --- answers --- */

static struct tg_request *find(struct tg_account *a, uint64_t number)
{
    struct tg_request *r;

    HASH_FIND(hh, a->by_number, &number, sizeof(number), r);
    return r;
}

void invoke_on_result(struct tg_account *a, uint64_t number, const uint8_t *data, size_t len)
{
    struct tg_request *r = find(a, number);
    struct fault fault = {0};

    if (!r)
        return;
    unsend(r);
    int64_t call_id = 0;
    int err = account_learn(a, r->method, data, len, &call_id, &fault);
    if (err) {
        char detail[FAULT_TEXT_MAX + 160];
        snprintf(detail, sizeof(detail), "Telegram's answer to %.80s does not fit layer %d: %s (byte %zu)",
                 r->method->name, tl_schema_layer(a->env->schema), fault.text[0] ? fault.text : tgc_err_text(err),
                 fault.offset);
        log_warning("tg", "account %s: %s", a->name, detail);
        finish_failed(r, TGC_EPROTO, detail);
        return;
    }
    finish(r, &(struct tg_answer){.outcome = TG_RESULT, .data = data, .len = len, .call_id = call_id});
}

static void wait_for(struct tg_request *r, int64_t wait_us)
{
    r->not_before_us = tg_now(r->account->env) + wait_us;
    if (!r->account->ticking)
        account_tick_soon(r->account);
}

void invoke_on_error(struct tg_account *a, uint64_t number, const struct mt_rpc_error *error)
{
    static const char login_again[] = "Log in again with POST /v1/accounts/{name}/login";
    struct tg_request *r = find(a, number);
    bool login;

    if (!r)
        return;
    unsend(r);
    r->error = *error;
    r->has_error = true;
    login = r->flags & TG_INVOKE_LOGIN;
    switch (tg_retry_judge(error)) {
    case TG_REACT_WAIT: {
        int64_t wait_us = tg_retry_wait_s(error) * SECOND_US;
        remember_flood(a, r->method, tg_now(a->env) + wait_us);
        if (can_wait(r, wait_us)) {
            wait_for(r, wait_us);
            return;
        }
        break;
    }
    case TG_REACT_TRY_AGAIN:
        if ((r->flags & TG_INVOKE_REPEATABLE) && !login && r->tries < TRIES_MAX) {
            int64_t wait_us = SECOND_US << r->tries++;
            if (tg_now(a->env) + wait_us < r->deadline_us) {
                wait_for(r, wait_us);
                return;
            }
        }
        break;
    case TG_REACT_INIT:
        if (a->client && r->inits++ < INIT_TRIES_MAX) {
            tg_client_init_again(a->client);
            try_send(r);
            return;
        }
        break;
    case TG_REACT_MIGRATE:
        /* Only a login moves: the key of a logged-in account is at home where it is. */
        if (login && error->has_parameter && r->moves++ < MOVES_MAX && account_move(a, (int32_t)error->parameter) == 0)
            return;
        break;
    case TG_REACT_REVOKED:
        if (a->state == TG_ACCOUNT_READY)
            account_set_state(a, TG_ACCOUNT_REVOKED, "Telegram ended this login", login_again);
        break;
    case TG_REACT_DUPLICATED:
        account_set_state(a, TG_ACCOUNT_DUPLICATED, "Telegram ended this login because its key was used from elsewhere",
                          "Stop the other program that uses this account's key, then log in again");
        break;
    case TG_REACT_BANNED:
        account_set_state(a, TG_ACCOUNT_BANNED, "Telegram has closed this account", "Write to recover@telegram.org");
        break;
    case TG_REACT_FROZEN:
        account_set_state(a, TG_ACCOUNT_FROZEN, "Telegram has frozen this account",
                          "Open Telegram with this account and follow the appeal that it shows");
        break;
    case TG_REACT_OLD_LAYER:
        account_set_state(a, TG_ACCOUNT_LAYER_TOO_OLD, "Telegram refuses logins from this layer",
                          "Start tgcalld with a newer schema (--schema FILE --layer N)");
        break;
    case TG_REACT_GIVE:
        break;
    }
    enum tg_account_state state = a->state;
    char reason[sizeof(a->reason)], remedy[sizeof(a->remedy)];
    memcpy(reason, a->reason, sizeof(reason));
    memcpy(remedy, a->remedy, sizeof(remedy));
    finish_error(r);
    /* A dead key is closed after its messenger was heard. */
    if (state == a->state &&
        (state == TG_ACCOUNT_REVOKED || state == TG_ACCOUNT_DUPLICATED || state == TG_ACCOUNT_BANNED) && a->client)
        account_end_login(a, state, reason, remedy);
}

void invoke_on_failed(struct tg_account *a, uint64_t number, int err)
{
    struct tg_request *r = find(a, number);

    if (r) {
        unsend(r);
        finish_failed(r, err == TGC_ENOMEM ? err : TGC_EPROTO, "the answer could not be read");
    }
}

void invoke_send_waiting(struct tg_account *a)
{
    struct tg_request *r;

    DL_FOREACH (a->requests, r)
        try_send(r);
}

void invoke_unsend_all(struct tg_account *a)
{
    struct tg_request *r;

    DL_FOREACH (a->requests, r)
        unsend(r);
}

static void time_out(struct tg_request *r)
{
    struct tg_account *a = r->account;
    char detail[320];

    if (r->number && a->client)
        tg_client_forget(a->client, r->number);
    /* The last word of the server says more than that time ran out. */
    if (r->has_error) {
        finish_error(r);
        return;
    }
    const char *trouble = tg_account_trouble(a);
    if (trouble[0])
        snprintf(detail, sizeof(detail), "no connection to data centre %d: %s", a->home_dc, trouble);
    else
        snprintf(detail, sizeof(detail), "data centre %d did not answer in time", a->home_dc);
    finish_failed(r, TGC_ETIMEOUT, detail);
}

/* An answer that got lost between the server and us comes by no rule of the session's: the server has acknowledged the
 * request and holds it done. What is harmless to repeat is asked again, while the link works, and the old question is
 * dropped. */
static void repeat_unanswered(struct tg_request *r, int64_t now)
{
    int64_t since;

    if (!r->number || !(r->flags & TG_INVOKE_REPEATABLE) || r->repeats == REPEATS_MAX || !r->account->client ||
        now - r->sent_us < REPEAT_AFTER_US || tg_client_connection(r->account->client, &since) != TG_CONNECTION_READY)
        return;
    tg_client_forget(r->account->client, r->number);
    unsend(r);
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
            if (r->give_error || !r->done || r->deadline_us <= now) {
                if (r->give_error)
                    finish_error(r);
                else if (r->done)
                    time_out(r);
                else if (r->deadline_us <= now)
                    drop(r);
                else
                    continue;
                again = true;
                break;
            }
            repeat_unanswered(r, now);
            if (!r->number)
                try_send(r);
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
        finish_failed(a->requests, err, detail);
        if (is_last)
            break;
    }
}
