/* PATCH /v1/accounts/{name}: by which way the account connects; and the same of one that is being made. */
#include <stdlib.h>
#include <string.h>

#include "daemon/base/log.h"
#include "daemon/tg/account/note.h"
#include "daemon/worker/op.h"
#include "daemon/worker/op_unkept.h"

static struct problem *problem_of_proxy(const char *why, const char *remedy)
{
    struct problem *p = problem_new(PROBLEM_INVALID_REQUEST, 0, "the proxy cannot be used: %s", why);

    problem_add_error(p, "/proxy", why);
    if (remedy)
        problem_set_remedy(p, remedy);
    return p;
}

bool op_read_way(struct worker *w, struct job *job, struct tg_way **ret)
{
    const char *text = json_string_value(json_object_get(job->body, "proxy"));
    struct tg_way *way = NULL;
    struct fault fault = {0};

    int err = text ? tg_way_new(text, &way, &fault) : 0;
    const char *unfit = err ? NULL : tg_way_unfit(way, &w->env);
    if (err == TGC_ENOMEM)
        op_reply_no_memory(job);
    else if (err)
        op_reply_problem(job, problem_of_proxy(fault.text, NULL));
    else if (unfit && way)
        op_reply_problem(job, problem_of_proxy(unfit, "Set [telegram] transport = padded, and restart the daemon"));
    else {
        *ret = way;
        return true;
    }
    tg_way_unref(way);
    return false;
}

struct turning {
    struct worker *worker;
    struct job *job;
    struct tg_account *account;
    struct tg_way *before, *after;
    struct turning *next; /* of the worker's */
};

static void turning_free(struct turning *t)
{
    struct turning **at = &t->worker->turnings;

    while (*at && *at != t)
        at = &(*at)->next;
    if (*at)
        *at = t->next;
    tg_way_unref(t->before);
    tg_way_unref(t->after);
    free(t);
}

static void say(const struct tg_account *account)
{
    char shown[PROXY_SHOWN_SIZE] = "the daemon's own way";

    if (tg_account_way(account))
        tg_way_show(tg_account_way(account), shown);
    log_notice("worker", "account %s: connects by %s from now on", tg_account_name(account), shown);
}

static void finish(struct worker *w, struct job *job, struct tg_account *account)
{
    tg_account_go_its_way(account);
    say(account);
    op_reply_json(job, 200, tg_account_json(account));
}

static struct problem *problem_of_store(const struct tg_account *account, int err, const char *why)
{
    const struct op_unkept u = {.err = err,
                                .why = why,
                                .state = "It connects as before",
                                .mend = "Mend the daemon's state directory (its disk, its rights), then repeat the "
                                        "request"};

    return op_unkept(&u, "the proxy of the account \"%s\" could not be kept", tg_account_name(account));
}

/* What is not kept is not done, unless another request has changed it since. */
static void give_up(const struct turning *t, int err, const char *why)
{
    if (tg_account_way(t->account) == t->after) {
        tg_account_set_way(t->account, t->before);
        tg_account_go_its_way(t->account); /* what was dialled meanwhile went by the other */
        tg_account_note(t->account);
    }
    op_reply_problem(t->job, problem_of_store(t->account, err, why));
}

static void on_kept(void *ctx, int err, const char *why)
{
    struct turning *t = ctx;

    if (accounts_find(&t->worker->accounts, t->job->account) != t->account)
        op_reply_problem(t->job, accounts_gone(t->job->account));
    else if (err)
        give_up(t, err, why);
    else
        finish(t->worker, t->job, t->account);
    turning_free(t);
}

/* What an earlier change comes to is not known yet, and so neither what this one would go back to. */
static bool is_turning(struct job *job, const struct tg_account *account, const struct turning *t)
{
    while (t && t->account != account)
        t = t->next;
    if (!t)
        return false;
    struct problem *p = problem_new(PROBLEM_ACCOUNT_NOT_READY, 0, "the proxy of the account \"%s\" is being changed",
                                    tg_account_name(account));
    problem_put(p, "state", json_string(tg_account_state_text(tg_account_state(account))));
    problem_set_remedy(p, "Repeat the request in a moment");
    op_reply_problem(job, p);
    return true;
}

/* A link goes by the new way only once the next process would, too. */
static void turn(struct worker *w, struct job *job, struct tg_account *account, struct tg_way *way)
{
    if (is_turning(job, account, w->turnings))
        return;
    struct turning *t = malloc(sizeof(*t));
    if (!t) {
        op_reply_no_memory(job);
        return;
    }
    *t = (struct turning){w, job, account, tg_way_ref(tg_account_way(account)), tg_way_ref(way), w->turnings};
    w->turnings = t;
    tg_account_set_way(account, way);
    int err = records_keep(w->records, account, on_kept, t);
    if (!err)
        return;
    give_up(t, err, NULL);
    turning_free(t);
}

/* Its record is left as it is. */
static struct problem *problem_of_record(const struct tg_account *account)
{
    struct problem *p =
        problem_new(PROBLEM_ACCOUNT_NOT_READY, 0, "the record of the account \"%s\" cannot be read, and is not changed",
                    tg_account_name(account));

    problem_put(p, "state", json_string(tg_account_state_text(tg_account_state(account))));
    problem_print_remedy(p,
                         "Put a backup of the database in place, or remove the account with DELETE /v1/accounts/%s and "
                         "make it anew with its proxy",
                         tg_account_name(account));
    return p;
}

void op_account_edit(struct worker *w, struct job *job)
{
    struct problem *problem = NULL;
    struct tg_account *account = accounts_of_job(&w->accounts, job, &problem);
    struct tg_way *way;

    if (!account) {
        op_reply_problem(job, problem);
        return;
    }
    if (w->records && records_is_unreadable(w->records, account)) {
        op_reply_problem(job, problem_of_record(account));
        return;
    }
    if (!op_read_way(w, job, &way))
        return;
    if (w->records) {
        turn(w, job, account, way);
    } else {
        tg_account_set_way(account, way);
        finish(w, job, account);
    }
    tg_way_unref(way);
}
