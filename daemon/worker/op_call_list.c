/* GET /v1/calls: our own records, kept true by updates. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/tg/known/call_text.h"
#include "daemon/worker/op.h"

enum { LIMIT_DEFAULT = 50 };

struct filter {
    const char *state;
    bool has_peer;
    enum peer_kind peer_kind;
    int64_t peer_id;
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

static void reply(struct worker *w, struct job *job, const struct tg_account *only, const struct filter *filter)
{
    const json_t *limit_given = json_object_get(job->query, "limit");
    const char *cursor = json_string_value(json_object_get(job->query, "cursor"));
    json_int_t limit = limit_given ? json_integer_value(limit_given) : LIMIT_DEFAULT;
    char after_name[64] = "";
    int64_t after_id = 0;
    struct buf *text = &job->text;
    json_int_t shown = 0;
    struct tg_account *last_account = NULL;
    int64_t last_id = 0;
    bool more = false;

    if (cursor && !parse_cursor(cursor, after_name, sizeof(after_name), &after_id)) {
        struct problem *p = problem_new(PROBLEM_INVALID_REQUEST, 0, "cursor is not one that this daemon gave");
        problem_add_error(p, "/cursor", "not a cursor of an earlier answer");
        op_reply_problem(job, p);
        return;
    }
    buf_reset(text);
    buf_put_text(text, "{\"calls\":[");
    for (size_t i = 0; i < w->accounts.n && !more; i++) {
        struct tg_account *account = w->accounts.sorted[i];
        const char *name = tg_account_name(account);
        if ((only && account != only) || !accounts_is_visible(job, account) || (cursor && strcmp(name, after_name) < 0))
            continue;
        struct tg_calls *all = tg_account_calls(account);
        /* A call that was forgotten meanwhile: the account is shown from its start rather than not at all. */
        struct tg_call *call = cursor && strcmp(name, after_name) == 0 ? tg_calls_find(all, after_id) : NULL;
        while ((call = tg_calls_next(all, call)) != NULL) {
            if (!passes(filter, call))
                continue;
            if (shown == limit) {
                more = true;
                break;
            }
            if (shown++)
                buf_put_byte(text, ',');
            tg_call_text(call, name, text);
            last_account = account;
            last_id = call->id;
        }
    }
    buf_put_byte(text, ']');
    if (more)
        buf_printf(text, ",\"next_cursor\":\"%s:%" PRId64 "\"", tg_account_name(last_account), last_id);
    buf_put_byte(text, '}');
    if (buf_err(text))
        op_reply_no_memory(job);
    else
        op_reply_text(job, 200);
}

struct list {
    struct worker *worker;
    struct job *job;
    struct tg_account *account;
    struct filter filter;
};

static void on_resolved(void *ctx, const struct tg_resolved *r)
{
    struct list *l = ctx;

    if (!r->peer) {
        op_reply_unresolved(l->worker, l->job, l->account, r);
    } else {
        l->filter.has_peer = true;
        l->filter.peer_kind = r->peer->kind;
        l->filter.peer_id = r->peer->id;
        reply(l->worker, l->job, l->account, &l->filter);
    }
    free(l);
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
            account = accounts_find(&w->accounts, json_string_value(name));
            problem_free(problem);
        }
        if (!account) {
            op_reply_problem(job, problem);
            return;
        }
    }
    if (!peer) {
        reply(w, job, account, &filter);
        return;
    }
    struct list *l = malloc(sizeof(*l));
    if (!l) {
        op_reply_no_memory(job);
        return;
    }
    *l = (struct list){w, job, account, filter};
    if (tg_resolve_json(account, peer, job->deadline_us, on_resolved, l, &fault) != 0) {
        op_reply_bad_peer(job, &fault);
        free(l);
    }
}
