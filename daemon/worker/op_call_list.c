/* GET /v1/calls: our own records, kept true by updates. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/tg/known/call_text.h"
#include "daemon/tg/call/settle.h"
#include "daemon/worker/op.h"

enum { LIMIT_DEFAULT = 50 };

#define SETTLE_US (3 * SECOND_US)

struct filter {
    const char *state;
    bool has_peer;
    enum peer_kind peer_kind;
    int64_t peer_id;
    bool has_cursor;
    char after_name[DIRECTORY_NAME_MAX];
    int64_t after_id;
};

static bool passes(const struct filter *f, const struct tg_call *call)
{
    if (f->state && strcmp(f->state, tg_call_state_text(call->state)) != 0)
        return false;
    return !f->has_peer || (call->has_peer && call->peer_kind == f->peer_kind && call->peer_id == f->peer_id);
}

/* "name:id" of the last call shown; the next page starts behind it. */
static bool parse_cursor(const char *cursor, char *ret_name, size_t size, int64_t *ret_id)
{
    const char *colon = strchr(cursor, ':');
    char *end;

    if (!colon || (size_t)(colon - cursor) >= size)
        return false;
    memcpy(ret_name, cursor, (size_t)(colon - cursor));
    ret_name[colon - cursor] = '\0';
    errno = 0;
    *ret_id = strtoll(colon + 1, &end, 10);
    return end != colon + 1 && *end == '\0' && errno == 0;
}

/* The calls of one account behind the cursor, at most MAX rows in all. */
static int put_calls(struct job *job, struct tg_account *account, const struct filter *filter, size_t max)
{
    const char *name = tg_account_name(account);
    struct tg_calls *all = tg_account_calls(account);
    /* A call that was forgotten meanwhile: the account is shown from its start rather than not at all. */
    struct tg_call *call =
        filter->has_cursor && strcmp(name, filter->after_name) == 0 ? tg_calls_find(all, filter->after_id) : NULL;
    int err = 0;

    while (!err && job->rows.n < max && (call = tg_calls_next(all, call)) != NULL) {
        if (!passes(filter, call))
            continue;
        err = rows_begin(&job->rows, name, call->id);
        if (!err) {
            tg_call_text(call, name, &job->rows.text);
            err = rows_end(&job->rows);
        }
    }
    return err;
}

static void reply(struct job *job, size_t limit)
{
    struct buf *text = &job->text;

    buf_reset(text);
    rows_sort(&job->rows);
    buf_put_text(text, "{\"calls\":[");
    rows_put(&job->rows, limit, text);
    buf_put_byte(text, ']');
    if (job->rows.n > limit) {
        const struct row *last = &job->rows.list[limit - 1];
        buf_printf(text, ",\"next_cursor\":\"%s:%" PRId64 "\"", last->account, last->id);
    }
    buf_put_byte(text, '}');
    if (buf_err(text))
        op_reply_no_memory(job);
    else
        op_reply_text(job, 200);
}

/* One more than is shown tells that there are more. Each worker adds as many: which come first is seen at the end. */
static void collect(struct worker *w, struct job *job, struct tg_account *only, struct filter *filter)
{
    const json_t *limit_given = json_object_get(job->query, "limit");
    const char *cursor = json_string_value(json_object_get(job->query, "cursor"));
    size_t limit = limit_given ? (size_t)json_integer_value(limit_given) : LIMIT_DEFAULT;
    size_t max = job->rows.n + limit + 1;
    int err = 0;

    filter->has_cursor = cursor != NULL;
    if (cursor && !parse_cursor(cursor, filter->after_name, sizeof(filter->after_name), &filter->after_id)) {
        op_reply_bad_cursor(job);
        return;
    }
    for (size_t i = 0; i < w->accounts.n && !err; i++) {
        struct tg_account *account = w->accounts.sorted[i];
        if ((!only || account == only) && accounts_is_visible(job, account) &&
            !(cursor && strcmp(tg_account_name(account), filter->after_name) < 0))
            err = put_calls(job, account, filter, max);
    }
    if (err)
        op_reply_no_memory(job);
    else if (only || !op_pass_on(w, job))
        reply(job, limit);
}

struct call_list {
    struct worker *worker;
    struct job *job;
    struct tg_account *account; /* the only one that is meant; NULL: all */
    struct filter filter;
    unsigned open; /* accounts that are still asked for what is unsettled */
};

static void on_settled(void *ctx)
{
    struct call_list *l = ctx;

    if (--l->open)
        return;
    collect(l->worker, l->job, l->account, &l->filter);
    free(l);
}

/* A record is what Telegram last told; what may be otherwise by now is asked for first. Whoever does not answer soon is
 * shown as it is known. */
static void settle(struct call_list *l)
{
    const struct worker *w = l->worker;
    int64_t now = tg_now(&w->env), half = (l->job->deadline_us - now) / 2;
    int64_t deadline_us = now + (half < SETTLE_US ? half : SETTLE_US);
    unsigned left = TG_SETTLE_MAX;

    l->open = 1;
    for (size_t i = 0; i < w->accounts.n && left; i++) {
        struct tg_account *account = w->accounts.sorted[i];
        if ((l->account && account != l->account) || !accounts_is_visible(l->job, account))
            continue;
        l->open++;
        left -= tg_settle(account, left, deadline_us, on_settled, l);
    }
    on_settled(l);
}

static void on_resolved(void *ctx, const struct tg_resolved *r)
{
    struct call_list *l = ctx;

    if (!r->peer) {
        op_reply_problem(l->job, op_problem_unresolved(l->worker, l->account, r));
        free(l);
        return;
    }
    l->filter.has_peer = true;
    l->filter.peer_kind = r->peer->kind;
    l->filter.peer_id = r->peer->id;
    settle(l);
}

void op_call_list(struct worker *w, struct job *job)
{
    const json_t *name = json_object_get(job->query, "account"), *peer = json_object_get(job->query, "peer");
    struct filter filter = {.state = json_string_value(json_object_get(job->query, "state"))};
    struct problem *problem = NULL;
    struct fault fault = {0};
    struct tg_account *account = NULL;

    if (name || peer) {
        account = accounts_select(&w->accounts, job, &problem);
        /* Records of an account that is not ready can be read all the same. */
        if (!account && problem && name && !peer && problem_slug_of(problem) == PROBLEM_ACCOUNT_NOT_READY) {
            account = accounts_find(&w->accounts, job->account);
            problem_free(problem);
        }
        if (!account) {
            op_reply_problem(job, problem);
            return;
        }
    }
    struct call_list *l = malloc(sizeof(*l));
    if (!l) {
        op_reply_no_memory(job);
        return;
    }
    *l = (struct call_list){.worker = w, .job = job, .account = account, .filter = filter};
    if (!peer) {
        settle(l);
        return;
    }
    if (tg_resolve_json(account, peer, job->deadline_us, on_resolved, l, &fault) != 0) {
        op_reply_problem(job, op_problem_bad_peer(&fault));
        free(l);
    }
}
