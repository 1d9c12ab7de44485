/* POST /v1/accounts with another program's session: the account stays only where Telegram says that a user is logged in
 * with it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/log.h"
#include "daemon/tg/login/import.h"
#include "daemon/worker/op.h"

#define WARNING                                                                                                        \
    "This session must not be used elsewhere while this daemon uses it: Telegram ends a login whose key it sees at "   \
    "two places at once. A logout, here or there, ends it for both."

struct importing {
    struct worker *worker;
    struct job *job;
    struct tg_account *account;
    struct problem *problem; /* what is answered when no record of it stays */
};

static const char *name_of(const struct job *job)
{
    return json_string_value(json_object_get(job->body, "name"));
}

/* --- what cannot be taken --- */

static struct problem *problem_of_text(const char *why)
{
    struct problem *p = problem_new(PROBLEM_INVALID_REQUEST, 0, "the session cannot be taken: %s", why);

    problem_add_error(p, "/session/text", why);
    return p;
}

static const struct ending {
    const char *error; /* its beginning */
    const char *detail, *remedy;
} endings[] = {
    {"SESSION_PASSWORD_NEEDED",
     "the login of this session is not finished: it lacks the two-step verification password",
     "Finish the login in the other program, and take its session string then"},
    {"AUTH_KEY_DUPLICATED", "Telegram has ended this session, because its key was used at two places at once",
     "Log in with the other program anew and end it before its session is imported, or log in here"},
    {"USER_DEACTIVATED", "Telegram has closed the account of this session", "Write to recover@telegram.org"},
    {"", "Telegram has ended this session", "Log in with the other program anew, or log in here"},
};

static struct problem *problem_of_ended(const struct mt_rpc_error *e)
{
    const struct ending *v = endings;

    while (strncmp(e->message, v->error, strlen(v->error)) != 0)
        v++;
    struct problem *p = problem_new(PROBLEM_TELEGRAM_REFUSED, 409, "%s", v->detail);
    problem_set_remedy(p, v->remedy);
    problem_put(p, "telegram", json_pack("{s:i, s:s}", "code", (int)e->code, "message", e->message));
    return p;
}

/* Its word is about the session, and not only on what it was asked. */
static bool is_ended(const struct mt_rpc_error *e)
{
    return e->code == 406 || (e->code == 401 && strcmp(e->message, "AUTH_KEY_PERM_EMPTY") != 0);
}

static struct problem *problem_of_check(const struct importing *i, const struct tg_answer *failure)
{
    struct problem *p;

    if (failure->outcome == TG_RPC_ERROR && is_ended(failure->error))
        return problem_of_ended(failure->error);
    if (failure->outcome == TG_NO_ANSWER && failure->err == TGC_ESTATE) {
        p = problem_new(PROBLEM_TELEGRAM_REFUSED, 409, "%s", failure->detail);
        problem_print_remedy(p,
                             "This daemon's environment is \"%s\": where the session is of the same servers, log in "
                             "with the other program anew, or log in here",
                             i->worker->env.environment);
        return p;
    }
    p = op_problem_of(i->worker, i->account, failure);
    if (p && (problem_slug_of(p) == PROBLEM_TELEGRAM_TIMEOUT || problem_slug_of(p) == PROBLEM_TELEGRAM_UNAVAILABLE))
        problem_set_remedy(p, "Nothing was kept, and the session is as it was: repeat the request; where that does not "
                              "help, the log says why there is no connection");
    return p;
}

/* --- the check --- */

/* Another request may have removed it. */
static bool is_there(const struct importing *i)
{
    return accounts_find(&i->worker->accounts, name_of(i->job)) == i->account;
}

static void bury(const struct importing *i)
{
    if (is_there(i) && worker_bury(i->worker, i->account) != 0)
        log_error("worker", "account %s stays until the next start", tg_account_name(i->account));
}

static void on_dropped(void *ctx, int err, const char *why)
{
    struct importing i = *(struct importing *)ctx;

    free(ctx);
    if (err)
        log_error("worker", "an account whose session was refused is in the store still: %s",
                  why ? why : tgc_err_text(err));
    if (!i.worker->stopping)
        bury(&i);
    op_reply_problem(i.job, i.problem);
}

/* Its record goes, then the account: nothing is left of it when the client hears. */
static void give_up(const struct importing *now, struct problem *p)
{
    struct importing *i = malloc(sizeof(*i));

    if (i)
        *i = (struct importing){now->worker, now->job, now->account, p};
    if (i && !now->worker->stopping && now->worker->records && is_there(now) &&
        records_drop(now->worker->records, now->account, on_dropped, i) == 0)
        return;
    free(i);
    if (!now->worker->stopping)
        bury(now);
    op_reply_problem(now->job, p);
}

static void reply_made(const struct importing *i)
{
    if (!is_there(i)) {
        op_reply_problem(i->job, accounts_gone(name_of(i->job)));
        return;
    }
    json_t *j = tg_account_json(i->account);
    json_object_set_new(j, "warning", json_string(WARNING));
    op_reply_account_made(i->job, i->account, j);
}

/* Its key is in the store already; that it is ready follows, at the latest with the next start's own question. */
static void on_kept(void *ctx, int err, const char *why)
{
    struct importing i = *(struct importing *)ctx;

    free(ctx);
    if (err)
        log_error("worker", "account %s: %s", name_of(i.job), why ? why : tgc_err_text(err));
    reply_made(&i);
}

static void on_checked(void *ctx, const struct tg_answer *failure)
{
    struct importing *i = ctx, now = *i;

    if (!failure && now.worker->records && records_keep(now.worker->records, now.account, on_kept, i) == 0)
        return;
    free(i);
    if (failure)
        give_up(&now, problem_of_check(&now, failure));
    else
        reply_made(&now);
}

static void check(struct worker *w, struct job *job, struct tg_account *account)
{
    struct importing *i = malloc(sizeof(*i));
    struct importing now = {w, job, account, NULL};
    struct fault fault = {0};

    if (i)
        *i = now;
    if (!i || tg_import_check(account, job->deadline_us, on_checked, i, &fault) != 0) {
        free(i);
        give_up(&now, NULL);
    }
}

/* --- the request --- */

/* False: the job was answered. */
static bool read_session(struct job *job, struct session_string *ret)
{
    const json_t *session = json_object_get(job->body, "session"), *text = json_object_get(session, "text");
    const char *format = json_string_value(json_object_get(session, "format"));
    enum session_format known = session_format_parse(format ? format : "");
    struct fault fault = {0};

    if (known != SESSION_FORMATS && json_is_string(text) &&
        session_string_decode(known, json_string_value(text), json_string_length(text), ret, &fault) == 0)
        return true;
    op_reply_problem(job, problem_of_text(fault.text));
    return false;
}

void op_account_import(struct worker *w, struct job *job)
{
    struct session_string s;
    struct tg_account *account = NULL;
    struct fault fault = {0};
    struct tg_way *way;

    if (!op_read_way(w, job, &way))
        return;
    if (!read_session(job, &s)) {
        tg_way_unref(way);
        return;
    }
    int err = tg_import_new(&w->env, name_of(job), &s, &account, &fault);
    session_string_wipe(&s);
    if (!err)
        tg_account_set_way(account, way);
    tg_way_unref(way);
    if (err == TGC_EINVAL)
        op_reply_problem(job, fault.path[0] ? problem_of_text(fault.text) : op_problem_no_api_id(w, &fault));
    else if (err)
        op_reply_no_memory(job);
    else if (op_adopt_account(w, job, account))
        check(w, job, account);
}
