/* What comes back for a request: a result to learn from, an error to judge, or nothing that can be read. */
#include <stdio.h>
#include <string.h>

#include "daemon/base/log.h"
#include "daemon/base/meter.h"
#include "daemon/tg/account/follow.h"
#include "daemon/tg/account/request.h"
#include "daemon/tg/account/note.h"
#include "daemon/tg/account/inside.h"
#include "daemon/tg/account/migrate.h"
#include "daemon/tg/account/retry.h"

enum { TRIES_MAX = 5, INIT_TRIES_MAX = 3, MOVES_MAX = 3 };

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
    struct tg_learnt learnt;
    int err = account_learn(a, r->method, r->mark, data, len, &learnt, &fault);
    if (err) {
        char detail[FAULT_TEXT_MAX + 160];
        snprintf(detail, sizeof(detail), "Telegram's answer to %.80s does not fit layer %d: %s (byte %zu)",
                 r->method->name, tl_schema_layer(a->env->schema), fault.text[0] ? fault.text : tgc_err_text(err),
                 fault.offset);
        log_warning("tg", "account %s: %s", a->name, detail);
        request_finish_unread(r, TGC_EPROTO, detail);
        return;
    }
    follow_answer(a, r, data, len, &learnt);
    request_finish(
        r, &(struct tg_answer){
               .outcome = TG_RESULT, .data = data, .len = len, .call_id = learnt.call_id, .ended_id = learnt.ended_id});
}

/* What ends an account's login, or its use, whoever asked. */
static const struct verdict {
    enum tg_reaction reaction;
    enum tg_account_state state;
    bool ends_login; /* the key is dead */
    const char *reason, *remedy;
} verdicts[] = {
    {TG_REACT_REVOKED, TG_ACCOUNT_REVOKED, true, "Telegram ended this login",
     "Log in again with POST /v1/accounts/{account}/login"},
    {TG_REACT_DUPLICATED, TG_ACCOUNT_DUPLICATED, true,
     "Telegram ended this login because its key was used from elsewhere",
     "Stop the other program that uses this account's key, then log in again with POST /v1/accounts/{account}/login"},
    {TG_REACT_BANNED, TG_ACCOUNT_BANNED, true, "Telegram has closed this account", "Write to recover@telegram.org"},
    {TG_REACT_FROZEN, TG_ACCOUNT_FROZEN, false, "Telegram has frozen this account",
     "Open Telegram with this account and follow the appeal that it shows"},
    {TG_REACT_OLD_LAYER, TG_ACCOUNT_LAYER_TOO_OLD, false, "Telegram refuses logins from this layer",
     "Start tgcalld with a newer schema (--schema FILE --layer N)"},
};

static const struct verdict *verdict_of(const struct tg_account *a, enum tg_reaction reaction)
{
    /* Before a login it only says that there is none. */
    if (reaction == TG_REACT_REVOKED && !account_is_inside(a))
        return NULL;
    for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++)
        if (verdicts[i].reaction == reaction)
            return &verdicts[i];
    return NULL;
}

/* Whether the request goes on, so that nobody is told of the error. */
static bool goes_on(struct tg_request *r, enum tg_reaction reaction)
{
    struct tg_account *a = r->account;
    int64_t now = tg_now(a->env), wait_us;

    switch (reaction) {
    case TG_REACT_WAIT:
        wait_us = tg_retry_wait_s(&r->error) * SECOND_US;
        if (!request_can_wait(r, wait_us))
            return false;
        request_delay(r, wait_us);
        return true;
    case TG_REACT_TRY_AGAIN:
        if (!r->repeatable || r->tries == TRIES_MAX)
            return false;
        wait_us = SECOND_US << r->tries++;
        if (now + wait_us >= r->deadline_us)
            return false;
        request_delay(r, wait_us);
        return true;
    case TG_REACT_INIT:
        if (!a->client || r->inits++ == INIT_TRIES_MAX)
            return false;
        tg_client_init_again(a->client);
        request_try_send(r);
        return true;
    case TG_REACT_MIGRATE:
        if (!r->error.has_parameter || r->error.parameter > INT32_MAX || r->moves++ == MOVES_MAX)
            return false;
        if (a->is_foreign) /* what there is to take along is not known to be ours */
            return false;
        if (!account_is_inside(a)) /* there is nothing to take along */
            return account_move(a, (int32_t)r->error.parameter) == 0;
        /* A phone or a network whose home is elsewhere is not the account. */
        return !(r->flags & TG_INVOKE_HERE) && strcmp(r->error.family, "USER_MIGRATE_X") == 0 &&
               migrate_begin(a, (int32_t)r->error.parameter) == 0;
    default:
        return false;
    }
}

void invoke_on_error(struct tg_account *a, uint64_t number, const struct mt_rpc_error *error)
{
    struct tg_request *r = find(a, number);
    enum tg_reaction reaction = tg_retry_judge(error);
    int64_t now = tg_now(a->env);

    if (!r)
        return;
    request_leave_session(r);
    r->error = *error;
    /* Server trouble says nothing of what was done before it. */
    r->may_have_run |= reaction == TG_REACT_TRY_AGAIN;
    if (reaction == TG_REACT_WAIT) {
        meter_add(a->env->meter, METER_FLOOD_WAITS, 1);
        meter_add(a->env->meter, METER_FLOOD_WAIT_SECONDS, tg_retry_wait_s(error));
        floods_put(&a->floods, &r->flood, error, now + tg_retry_wait_s(error) * SECOND_US, now);
        tg_account_note(a);
    }
    if (r->state == REQUEST_SENT) {
        request_set(r, REQUEST_QUEUED);
        if (goes_on(r, reaction))
            return;
    }
    const struct verdict *verdict = verdict_of(a, reaction);
    if (verdict)
        account_set_state(a, verdict->state, verdict->reason, verdict->remedy);
    request_finish_error(r);
    /* A dead key is closed after its messenger was heard. */
    if (verdict && verdict->ends_login && a->state == verdict->state && a->client)
        account_end_login(a, verdict->state, verdict->reason, verdict->remedy);
}

void invoke_on_failed(struct tg_account *a, uint64_t number, int err)
{
    struct tg_request *r = find(a, number);

    if (!r)
        return;
    switch (err) {
    case TGC_ESTATE:
        request_finish_failed(r, TGC_EPROTO, "Telegram refused the message that carried the request, again and again");
        break;
    case TGC_ELOST:
        r->may_have_run = true;
        request_finish_failed(r, err,
                              "the connection was lost, and whether the request was carried out will not be known");
        break;
    case TGC_ETIMEOUT:
        request_finish_failed(r, err, "the request did not reach Telegram in time");
        break;
    default:
        request_finish_unread(r, err == TGC_ENOMEM ? err : TGC_EPROTO, "the answer could not be read");
        break;
    }
}
