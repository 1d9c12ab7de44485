#include "daemon/sandbox/centre/invoke.h"

#include <stdio.h>
#include <string.h>

#include "daemon/base/le.h"
#include "daemon/base/log.h"
#include "daemon/sandbox/centre/answer.h"
#include "daemon/sandbox/centre/bind.h"
#include "daemon/sandbox/centre/deliver.h"
#include "daemon/sandbox/centre/migrate.h"
#include "daemon/sandbox/centre/stored.h"
#include "daemon/sandbox/centre/tell.h"
#include "daemon/tl/tree.h"
#include "daemon/tl/writer.h"

static const struct tl_schema *find_schema(void *ctx, int layer)
{
    return centres_schema(ctx, layer);
}

static json_t *decode(struct invocation *v)
{
    struct tl_reader r;
    struct tl_walk_stats stats = {0};
    struct fault fault;
    json_t *params = NULL;

    fault_clear(&fault);
    tl_reader_init(&r, v->q.data, v->q.len);
    int err = tl_tree_call(v->q.schema, &r, &params, &stats, &fault);
    if (err) {
        log_debug("sandbox", "%s does not decode: %s at byte %zu", v->method, fault.text, fault.offset);
        if (err == TGC_EUNKNOWN)
            tell_unknown(v, fault.text);
        return rpc_fail(&v->rpc, 400, "%s", err == TGC_EUNKNOWN ? "INPUT_CONSTRUCTOR_INVALID" : "INPUT_FETCH_ERROR");
    }
    if (stats.undefined_flags)
        lint_note(&v->ss->s->lints, LINT_UNDEFINED_FLAGS, v->ss->auth->app, v->method);
    if (tl_reader_left(&r)) {
        json_decref(params);
        return rpc_fail(&v->rpc, 400, "INPUT_REQUEST_TOO_LONG");
    }
    return params;
}

/* What the key learned from initConnection, and whether this session is one for updates. */
static void take_in(struct invocation *v)
{
    struct auth *a = v->ss->auth;

    if (v->q.is_inited) {
        bool is_news = a->layer != v->q.layer;
        a->schema = v->q.schema;
        a->layer = v->q.layer;
        memcpy(a->app, v->q.app, sizeof(a->app));
        if (is_news)
            tell_other_layer(v);
    }
    if (v->q.is_zlib)
        lint_note(&v->ss->s->lints, LINT_ZLIB, a->app, NULL);
    if (!v->q.without_updates)
        v->ss->wants_updates = true;
}

/* What a temporary key may do before it is bound. */
static struct account *unbound_account(struct invocation *v)
{
    bool may = strcmp(v->method, "help.getConfig") == 0 || strcmp(v->method, "help.getNearestDc") == 0;

    return may ? &v->ss->auth->account : NULL;
}

/* Queries of one session run in the order they come: what this one waits for has been done, or never came. */
static bool was_done(const struct invocation *v)
{
    for (size_t i = 0; i < v->q.after_n; i++) {
        const struct seen *seen = session_seen(v->ss, v->q.after[i]);
        if (!seen || seen->has_failed || seen->msg_id == v->m->msg_id)
            return false;
    }
    return true;
}

static bool is_struck_by_error(struct invocation *v)
{
    json_t *rule = inject_take(&v->ss->s->inject, "rpc_error", v->method);

    if (rule)
        rpc_fail(&v->rpc, (int)json_get_long(rule, "code"), "%s", json_get_text(rule, "message"));
    json_decref(rule);
    return rule != NULL;
}

/* NULL: an error is set, or the answer stands there. */
static json_t *run(struct invocation *v)
{
    struct centres *s = v->ss->s;
    struct auth *a = v->ss->auth;
    struct account *account = keys_account(&s->keys, a);

    if (v->q.error)
        return rpc_fail(&v->rpc, 400, "%s", v->q.error);
    if (!a->schema && !v->q.is_inited)
        return rpc_fail(&v->rpc, 400, "CONNECTION_NOT_INITED");
    take_in(v);
    if (!v->comb) {
        char id[32];
        snprintf(id, sizeof(id), "the method 0x%08x", v->q.len >= 4 ? le32_load(v->q.data) : 0);
        tell_unknown(v, id);
        return rpc_fail(&v->rpc, 400, "INPUT_METHOD_INVALID");
    }
    if (!was_done(v))
        return rpc_fail(&v->rpc, 400, "MSG_WAIT_FAILED");
    if (is_struck_by_error(v))
        return NULL;
    if (!account && !(account = unbound_account(v)))
        return rpc_fail(&v->rpc, 401, "AUTH_KEY_PERM_EMPTY");
    if (s->stored && stored_answer(s->stored, v, account->user))
        return NULL;
    json_t *params = decode(v);
    if (!params)
        return NULL;
    if (migrate_strikes(s, &v->rpc, v->method, account, params)) {
        json_decref(params);
        return NULL;
    }
    v->rpc.w = &s->world;
    v->rpc.account = account;
    v->rpc.layer = tl_schema_layer(v->q.schema);
    v->rpc.schema = v->q.schema;
    v->rpc.bytes = &v->answer;
    s->acting = v->ss;
    json_t *answer = rpc_dispatch(&v->rpc, v->method, params);
    s->acting = NULL;
    json_decref(params);
    keys_file(&s->keys, a);
    if (!answer && !rpc_find(v->method)) {
        lint_note(&s->lints, LINT_UNKNOWN_METHOD, a->app, v->method);
        tell_unserved(v);
    }
    return answer;
}

static void trace(struct invocation *v)
{
    struct centres *s = v->ss->s;
    json_t *j = json_pack("{s:s, s:i, s:s, s:i, s:s}", "event", "rpc", "dc", v->ss->auth->dc, "method", v->method,
                          "layer", v->q.layer, "app", v->ss->auth->app);

    if (v->rpc.code) {
        json_put(j, "code", json_integer(v->rpc.code));
        json_put(j, "error", json_string(v->rpc.message));
    }
    if (v->ss->seat.line)
        json_put(j, "connection", json_integer((json_int_t)v->ss->seat.line->number));
    const struct account *a = keys_account(&s->keys, v->ss->auth);
    if (a && a->user)
        json_put(j, "user", json_integer(a->user->id));
    centres_trace(s, j);
    if (v->rpc.is_executed)
        trace_count(&s->trace, v->method);
}

static void run_bind(struct invocation *v)
{
    if (!is_struck_by_error(v)) {
        const char *refused = bind_run(v->ss, v->m->msg_id, v->q.data, v->q.len);
        v->rpc.is_executed = true;
        if (refused)
            rpc_fail(&v->rpc, 400, "%s", refused);
    }
    if (v->rpc.code)
        answer_put_error(v);
    else
        tl_write_bool(&v->answer, true);
}

static void run_any(struct invocation *v)
{
    json_t *answer;

    if (bind_is(v->q.data, v->q.len)) {
        run_bind(v);
        return;
    }
    answer = run(v);
    if (answer)
        answer_put(v, answer);
    else if (v->rpc.code)
        answer_put_error(v);
    json_decref(answer);
}

static void find_method(struct invocation *v)
{
    v->method = bind_is(v->q.data, v->q.len) ? "auth.bindTempAuthKey" : "";
    if (v->q.error || !v->q.schema || v->q.len < 4)
        return;
    v->comb = tl_find_method_id(v->q.schema, le32_load(v->q.data));
    if (v->comb)
        v->method = v->comb->name;
}

void invoke(struct session *ss, const struct mt_message *m)
{
    struct invocation v = {.ss = ss, .m = m};
    struct seen *seen = session_seen(ss, m->msg_id);
    const struct world *w = &ss->s->world;

    query_unwrap(&v.q, ss->auth->schema, ss->auth->layer, find_schema, ss->s, m->body, m->len);
    find_method(&v);
    if (invocation_is_struck(&v, "drop_before", NULL)) {
        /* Never seen: the client's resend is executed. */
        if (seen)
            *seen = (struct seen){0};
        line_close(ss->seat.line);
        query_fini(&v.q);
        return;
    }
    buf_init(&v.answer, CENTRES_ANSWER_MAX);
    size_t calls = w->calls_n;
    run_any(&v);
    if (ss->s->stored && w->calls_n > calls)
        stored_keep(ss->s->stored, &v, w->calls[calls]);
    if (!v.is_stored)
        trace(&v);
    deliver(&v);
    buf_fini(&v.answer);
    query_fini(&v.q);
}
