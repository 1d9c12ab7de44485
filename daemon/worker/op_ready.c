/* GET /readyz: whether the store can be written and every account that should be online is. Without a token no names
 * are told. */
#include <string.h>

#include "daemon/worker/op.h"

/* One that was logged in, or tried to be kept so; waiting for a person is no failure of the daemon. */
static bool should_be_online(const struct tg_account *account)
{
    switch (tg_account_state(account)) {
    case TG_ACCOUNT_READY:
    case TG_ACCOUNT_REVOKED:
    case TG_ACCOUNT_DUPLICATED:
    case TG_ACCOUNT_FROZEN:
    case TG_ACCOUNT_BANNED:
    case TG_ACCOUNT_LAYER_TOO_OLD:
        return true;
    default:
        return false;
    }
}

static json_t *reason_of(const struct job *job, const struct tg_account *account)
{
    const char *state = tg_account_state_text(tg_account_state(account));
    json_t *reason = json_object();

    if (job->names_allowed)
        json_object_set_new(reason, "account", json_string(tg_account_name(account)));
    json_object_set_new(reason, "state", json_string(state));
    if (tg_account_state(account) == TG_ACCOUNT_READY)
        json_object_set_new(reason, "detail", json_string("not connected to Telegram"));
    return reason;
}

/* Steals REASON. */
static int put_row(struct job *job, const char *name, json_t *reason)
{
    int err = reason ? rows_begin(&job->rows, name, 0) : TGC_ENOMEM;

    if (!err && json_dump_callback(reason, op_dump_to_buf, &job->rows.text, JSON_COMPACT) != 0)
        err = TGC_ENOMEM;
    json_decref(reason);
    return err ? err : rows_end(&job->rows);
}

static int put_reason(struct job *job, const struct tg_account *account)
{
    return put_row(job, tg_account_name(account), reason_of(job, account));
}

/* Said once, whichever workers see it. */
static int put_store(struct worker *w, struct job *job)
{
    if (!w->records || job->store_has_failed)
        return 0;
    bool is_away = records_wait_for_server(w->records);
    if (!is_away && !records_have_failed(w->records))
        return 0;
    job->store_has_failed = true;
    return put_row(job, "",
                   json_pack("{s:s, s:s}", "state", "store-not-writable", "detail",
                             is_away ? "the database server does not answer; it is tried again"
                                     : "what the accounts know cannot be kept; it is tried again"));
}

static json_t *reasons_of(struct job *job)
{
    json_t *reasons;

    rows_sort(&job->rows);
    buf_reset(&job->text);
    buf_put_byte(&job->text, '[');
    rows_put(&job->rows, SIZE_MAX, &job->text);
    buf_put_byte(&job->text, ']');
    if (buf_err(&job->text))
        return NULL;
    reasons = json_loadb((const char *)job->text.data, job->text.len, 0, NULL);
    buf_reset(&job->text);
    return reasons;
}

/* The accounts of all workers are told by now. */
static void reply(struct job *job, const char *name)
{
    struct problem *p;
    json_t *reasons;

    if (job->online && job->rows.n == 0) {
        op_reply_json(job, 200, json_pack("{s:b, s:I}", "ready", 1, "accounts_ready", (json_int_t)job->online));
        return;
    }
    reasons = reasons_of(job);
    if (!job->seen && name) {
        p = accounts_gone(name);
    } else if (job->store_has_failed) {
        p = problem_new(PROBLEM_NOT_READY, 0, "the store cannot be written");
        problem_set_remedy(p, OP_REMEDY_STATE_DIR);
    } else if (!job->seen) {
        p = problem_new(PROBLEM_NO_ACCOUNT, 0, "there is no account yet");
    } else {
        p = problem_new(PROBLEM_NOT_READY, 0, job->rows.n ? "an account is not online" : "no account is logged in");
    }
    const char *first =
        job->store_has_failed ? NULL : json_string_value(json_object_get(json_array_get(reasons, 0), "account"));
    if (first)
        problem_print_remedy(p, "GET /v1/accounts/%s says what the account waits for", first);
    problem_put(p, "reasons", reasons);
    op_reply_problem(job, p);
}

void op_ready(struct worker *w, struct job *job)
{
    const char *name = json_string_value(json_object_get(job->query, "account"));
    int err = put_store(w, job);

    for (size_t i = 0; i < w->accounts.n && !err; i++) {
        struct tg_account *account = w->accounts.sorted[i];
        if ((name && strcmp(name, tg_account_name(account)) != 0) || !accounts_is_visible(job, account))
            continue;
        job->seen++;
        if (tg_account_is_online(account))
            job->online++;
        else if (name || should_be_online(account))
            err = put_reason(job, account);
    }
    if (err)
        op_reply_no_memory(job);
    else if (name || !op_pass_on(w, job)) /* one that is named lives here */
        reply(job, name);
}
