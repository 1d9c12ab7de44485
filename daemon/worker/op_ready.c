/* GET /readyz: whether every account that should be online is. Without a token no names are told. */
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

void op_ready(struct worker *w, struct job *job)
{
    const char *name = json_string_value(json_object_get(job->query, "account"));
    json_t *reasons = json_array();
    size_t seen = 0, online = 0;

    for (size_t i = 0; i < w->accounts.n; i++) {
        struct tg_account *account = w->accounts.sorted[i];
        if ((name && strcmp(name, tg_account_name(account)) != 0) || !accounts_is_visible(job, account))
            continue;
        seen++;
        if (tg_account_is_online(account))
            online++;
        else if (name || should_be_online(account))
            json_array_append_new(reasons, reason_of(job, account));
    }
    if (online && json_array_size(reasons) == 0) {
        json_decref(reasons);
        op_reply_json(job, 200, json_pack("{s:b, s:I}", "ready", 1, "accounts_ready", (json_int_t)online));
        return;
    }
    struct problem *p;
    if (!seen)
        p = problem_new(PROBLEM_NO_ACCOUNT, 0, name ? "there is no such account" : "there is no account yet");
    else if (json_array_size(reasons))
        p = problem_new(PROBLEM_NOT_READY, 0, "an account is not online");
    else
        p = problem_new(PROBLEM_NOT_READY, 0, "no account is logged in");
    problem_put(p, "reasons", reasons);
    op_reply_problem(job, p);
}
