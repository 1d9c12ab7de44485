/* POST, GET /v1/tokens and DELETE /v1/tokens/{name}. What changes them waits for the store, off the loop. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/worker/op.h"

#include "daemon/worker/op_unkept.h"

struct token_change {
    struct worker *worker;
    struct job *job;
    int err;
    struct fault fault;
    char token[TOKEN_TEXT_SIZE];
};

static const char *text(const json_t *object, const char *member)
{
    return json_string_value(json_object_get(object, member));
}

static struct problem *problem_of(const struct token_change *c, const char *name)
{
    struct problem *p;

    switch (c->err) {
    case TGC_EEXIST:
        p = problem_new(PROBLEM_EXISTS, 0, "there is a token \"%s\" already", name);
        problem_print_remedy(p, "Choose another name, or revoke that one with DELETE /v1/tokens/%s", name);
        return p;
    case TGC_EUNKNOWN:
        p = problem_new(PROBLEM_NOT_FOUND, 0, "there is no token \"%s\"", name);
        problem_set_remedy(p, "GET /v1/tokens lists them");
        return p;
    case TGC_ESTATE:
        p = problem_new(PROBLEM_EXISTS, 0, "\"%s\" is the last token with the scope admin that does not expire", name);
        problem_set_remedy(p, "Make another one with POST /v1/tokens first; where this one is lost or known to others, "
                              "stop the daemon and run: tgcalld token reset");
        return p;
    case TGC_ELIMIT:
        p = problem_new(PROBLEM_EXISTS, 0, "%s", c->fault.text);
        problem_set_remedy(p, "Revoke tokens that nobody uses: GET /v1/tokens shows when each was used last");
        return p;
    case TGC_ELOST:
        return op_unkept(
            &(struct op_unkept){.err = TGC_EAWAY, .why = c->fault.text, .state = "The same request comes to the same"},
            "it is not known whether it was written");
    default:
        return op_unkept(&(struct op_unkept){.err = c->err, .why = c->fault.text[0] ? c->fault.text : NULL},
                         "nothing was changed");
    }
}

static void change(struct worker *w, struct job *job, void (*work)(void *ctx), void (*done)(void *ctx))
{
    struct token_change *c = calloc(1, sizeof(*c));

    if (c) {
        c->worker = w;
        c->job = job;
    }
    if (!c || net_offload(w->loop, work, done, c) != 0) {
        free(c);
        op_reply_no_memory(job);
    }
}

/* Who is bound to accounts may make, see and revoke none: a token has no account, and could have all. */
static bool is_bound(struct job *job)
{
    if (!job->accounts)
        return false;
    struct problem *p = problem_new(PROBLEM_FORBIDDEN, 0, "this token is bound to accounts");
    problem_set_remedy(p, "Use a token with the scope admin that is bound to no accounts");
    op_reply_problem(job, p);
    return true;
}

/* --- making one --- */

static unsigned scopes_of(const json_t *names)
{
    unsigned set = 0;
    const json_t *name;
    size_t i;

    json_array_foreach (names, i, name)
        set |= scope_parse(json_string_value(name));
    return set;
}

static void create(void *ctx)
{
    struct token_change *c = ctx;
    const json_t *body = c->job->body;

    c->err = tokens_create(c->worker->config.tokens, text(body, "name"), scopes_of(json_object_get(body, "scopes")),
                           json_object_get(body, "accounts"), json_integer_value(json_object_get(body, "expires_at")),
                           c->token, &c->fault);
}

static void created(void *ctx)
{
    struct token_change *c = ctx;
    struct job *job = c->job;
    const char *name = text(job->body, "name");

    if (c->err) {
        op_reply_problem(job, problem_of(c, name));
    } else {
        json_t *list = tokens_list(c->worker->config.tokens, name), *made = json_incref(json_array_get(list, 0));
        json_decref(list);
        if (made)
            json_object_set_new(made, "token", json_string(c->token));
        snprintf(job->location, sizeof(job->location), "/v1/tokens");
        op_reply_json(job, 201, made);
    }
    explicit_bzero(c, sizeof(*c));
    free(c);
}

void op_token_create(struct worker *w, struct job *job)
{
    const json_t *expires_at = json_object_get(job->body, "expires_at");

    if (is_bound(job))
        return;
    if (expires_at && json_integer_value(expires_at) <= clock_wall_us(w->config.env.clock) / SECOND_US) {
        struct problem *p = problem_new(PROBLEM_INVALID_REQUEST, 0, "such a token would be good for nothing");
        problem_add_error(p, "/expires_at", "must lie in the future");
        op_reply_problem(job, p);
        return;
    }
    change(w, job, create, created);
}

/* --- revoking one --- */

static void drop(void *ctx)
{
    struct token_change *c = ctx;

    c->err = tokens_drop(c->worker->config.tokens, text(c->job->path, "token"), &c->fault);
}

static void dropped(void *ctx)
{
    struct token_change *c = ctx;
    struct job *job = c->job;

    if (c->err)
        op_reply_problem(job, problem_of(c, text(job->path, "token")));
    else
        op_reply_text(job, 204);
    free(c);
}

void op_token_delete(struct worker *w, struct job *job)
{
    if (!is_bound(job))
        change(w, job, drop, dropped);
}

void op_token_list(struct worker *w, struct job *job)
{
    if (is_bound(job))
        return;
    json_t *list = tokens_list(w->config.tokens, NULL);

    op_reply_json(job, 200, list ? json_pack("{s:o}", "tokens", list) : NULL);
}
