#include "api/handle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/api_internal.h"
#include "api/audit_note.h"
#include "api/auth.h"
#include "api/body.h"
#include "api/guard.h"
#include "api/patience.h"
#include "api/query.h"
#include "api/reply.h"
#include "api/request.h"
#include "api/suggest.h"
#include "api/terms.h"
#include "api/unbuilt.h"
#include "api/wait.h"

void *handle_first_line(void *ctx, const char *raw_target, struct MHD_Connection *connection)
{
    struct request *r = http_request_new(ctx, connection, raw_target);
    char *query = (char *)(uintptr_t)strchr(raw_target, '?');

    /* libmicrohttpd would take the query apart next, for nobody; where its memory does not hold all of the pieces it
     * never answers and never ends the request (0.9.75). It finds none so. */
    if (query)
        query[1] = '\0';
    return r;
}

void handle_completed(void *ctx, struct MHD_Connection *connection, void **request, enum MHD_RequestTerminationCode how)
{
    struct request *r = *request;

    /* The connection is shut down by now, and closed when this returns. */
    if (r && r->body_unread) {
        const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        if (info)
            drain_add(r->api->drain, info->connect_fd);
    }
    if (r)
        audit_note_end(r);
    http_request_free(r);
    *request = NULL;
}

/* Finds the row; a missing one is judged later, so that who has no token learns nothing. */
static int find_route(struct request *r, const char *method)
{
    struct fault fault = {0};

    r->method = http_method_parse(method, &r->is_head);
    if (target_parse(r->raw, &r->target, &fault) != 0) {
        memcpy(r->target_fault, fault.text, sizeof(r->target_fault));
        return TGC_ESYNTAX;
    }
    return route_find(&r->target, r->method, &r->route, &r->methods);
}

/* A verb where an id or a name is meant to be. */
static bool set_meant(struct problem *p, const struct request *r)
{
    char meant[SUGGEST_ROUTE_SIZE], text[SUGGEST_ROUTE_SIZE + 32];

    if (!suggest_action(&r->target, meant))
        return false;
    snprintf(text, sizeof(text), "Did you mean %s?", meant);
    problem_set_remedy(p, text);
    return true;
}

static struct problem *wrong_method(const struct request *r)
{
    struct problem *p = problem_new(PROBLEM_METHOD_NOT_ALLOWED, 0, "The Allow header lists the methods of this route");
    char list[256], text[sizeof(list) + 32];
    unsigned n;

    if (set_meant(p, r))
        return p;
    n = route_list_text(&r->target, list, sizeof(list));
    snprintf(text, sizeof(text), "Here there %s %s.", n == 1 ? "is" : "are", list);
    if (n)
        problem_set_remedy(p, text);
    return p;
}

static struct problem *judge_route(struct request *r, int found)
{
    if (found == TGC_ESYNTAX)
        return problem_new(PROBLEM_BAD_JSON, 0, "The request target is not well formed: %s", r->target_fault);
    if (found == TGC_EINVAL)
        return wrong_method(r);
    struct problem *p = problem_new(PROBLEM_UNKNOWN_ROUTE, 0, "No route has this path");
    char near[SUGGEST_ROUTE_SIZE], text[SUGGEST_ROUTE_SIZE + 32];
    if (suggest_route(&r->target, near))
        snprintf(text, sizeof(text), "Did you mean %s?", near);
    else
        snprintf(text, sizeof(text), "GET /openapi.json lists the routes.");
    problem_set_remedy(p, text);
    return p;
}

static struct problem *no_token(const char *detail)
{
    struct problem *p = problem_new(PROBLEM_UNAUTHORIZED, 0, "%s", detail);

    problem_set_remedy(p, "Send \"Authorization: Bearer\" with a token of this daemon; the first one is in the file "
                          "admin.token of its state directory.");
    return p;
}

static struct problem *judge_stranger(const struct request *r)
{
    struct tls_client shown;

    if (!auth_stranger(r, &shown))
        return no_token("A bearer token is needed and none that is known was given");
    struct problem *p = problem_new(PROBLEM_UNAUTHORIZED, 0,
                                    "The certificate is no client's that is known, and no bearer token was given");
    problem_print_remedy(p,
                         "Send a token, or have a section [client NAME] with \"subject = %.300s\" in %.200s (SIGHUP "
                         "has it read again).",
                         shown.subject, r->api->config.config_file ? r->api->config.config_file : "the configuration");
    return p;
}

static const char *plural(unsigned scopes)
{
    return scopes & (scopes - 1) ? "s" : "";
}

/* Root's and the daemon's own uid lack nothing: it is a member of unix_group, who has no token to change. */
static struct problem *judge_group(struct request *r, unsigned lacks)
{
    const char *file = r->api->config.config_file;
    char text[SCOPE_TEXT_SIZE];

    scope_text(lacks, text);
    struct problem *p =
        problem_new(PROBLEM_FORBIDDEN, 0, "The group of the Unix socket lacks the scope%s %s", plural(lacks), text);
    problem_print_remedy(
        p, "Ask as root or as the daemon's user, or add %s to unix_scopes in the section [server] of %.200s.", text,
        file ? file : "the configuration");
    return p;
}

static struct problem *judge_client(const struct request *r, const char *lacks, const char *plural_s)
{
    const char *file = r->api->config.config_file;
    struct problem *p =
        problem_new(PROBLEM_FORBIDDEN, 0, "The client's certificate lacks the scope%s %s", plural_s, lacks);

    problem_print_remedy(p,
                         "Add %s to scopes in the section [%s] of %.200s and send SIGHUP, or use a token that has it.",
                         lacks, r->grant.name, file ? file : "the configuration");
    return p;
}

static struct problem *judge_scope(struct request *r)
{
    unsigned lacks = r->route->scopes & ~r->grant.scopes;
    char text[SCOPE_TEXT_SIZE];

    if (auth_is_by_uid(r))
        return judge_group(r, lacks);
    scope_text(lacks, text);
    if (auth_is_by_certificate(r))
        return judge_client(r, text, plural(lacks));
    struct problem *p = problem_new(PROBLEM_FORBIDDEN, 0, "The token lacks the scope%s %s", plural(lacks), text);
    scope_text(r->route->scopes, text);
    problem_print_remedy(p, "Use a token with the scope%s %s: POST /v1/tokens makes one", plural(r->route->scopes),
                         text);
    return p;
}

/* What the bytes of the request were refused for, if they were: nothing else in it counts then. */
static bool judge_bytes(struct request *r)
{
    const struct refusal *refusal = conn_refusal(r->conn, r->number);

    if (!refusal)
        return true;
    bool is_large = refusal->status == 413 || refusal->status == 414 || refusal->status == 431;
    r->must_close = true;
    r->body_unread = true;
    http_request_refuse(r, problem_new(refusal->status == 408 ? PROBLEM_TOO_SLOW
                                       : is_large             ? PROBLEM_TOO_LARGE
                                                              : PROBLEM_BAD_JSON,
                                       refusal->status, "%s", refusal->why));
    return false;
}

static bool is_within_rate(struct request *r)
{
    int64_t wait_us = auth_wait_us(r);

    if (wait_us == 0)
        return true;
    unsigned rate = r->api->config.token_rate;
    struct problem *p =
        problem_new(PROBLEM_RATE_LIMITED, 0, "The %s has made the %u request%s that it may make in a second",
                    auth_is_by_certificate(r) ? "client" : "token", rate, rate == 1 ? "" : "s");
    problem_set_retry_after(p, (wait_us + SECOND_US - 1) / SECOND_US);
    http_request_refuse(r, p);
    return false;
}

/* Everything that the headers decide, in the order in which a client is told. */
static void judge_headers(struct request *r, const char *method)
{
    int found = find_route(r, method);

    if (!guard_check(r) || guard_is_preflight(r))
        return;
    if (atomic_load(&r->api->stopping)) {
        http_request_refuse(r, problem_stopping(true));
        return;
    }
    auth_check(r);
    if (r->authed)
        patience_trusts(r->conn);
    if (!r->authed && (found != 0 || r->route->scopes != 0)) {
        http_request_refuse(r, judge_stranger(r));
    } else if (found != 0) {
        http_request_refuse(r, judge_route(r, found));
    } else if ((r->route->scopes & r->grant.scopes) != r->route->scopes) {
        http_request_refuse(r, judge_scope(r));
    } else if (r->route->scopes == 0 || is_within_rate(r)) {
        unbuilt_check(r);
    }
}

/* The job holds its members alone: the worker's thread counts references too. */
static struct job *make_job(struct request *r, json_t *path, json_t *query, json_t *body)
{
    struct job *job = job_new(r->route->job, path, query, body);

    if (!job)
        return NULL;
    memcpy(job->request_id, r->id, sizeof(r->id));
    job->deadline_us = clock_mono_us(r->api->config.clock) + r->api->config.request_timeout_us;
    job->accounts = r->grant.accounts;
    r->grant.accounts = NULL;
    job->scope_admin = r->grant.scopes & SCOPE_ADMIN;
    job->scope_secrets = r->grant.scopes & SCOPE_SECRETS;
    job->scopes = r->grant.scopes;
    job->scopes_needed = r->route->scopes;
    job->names_allowed = r->authed;
    return job;
}

static bool lacks_token(const struct request *r, const json_t *query)
{
    for (const struct field *f = r->route->query; !r->authed && f->name; f++)
        if (f->needs_token && json_object_get(query, f->name))
            return true;
    return false;
}

/* Judges path, query and body together, so that all faults are told at once. */
static struct problem *judge_members(struct request *r, json_t *path, json_t *query, json_t **ret_body, int *ret_err)
{
    struct faults faults = {0};
    struct fault fault = {0};
    struct problem *p = NULL;
    const char *rule = NULL;
    int err = route_params(r->route, &r->target, path, &faults, &rule);

    if (err == TGC_EUNKNOWN) {
        p = problem_new(PROBLEM_NOT_FOUND, 0, "Nothing can have this id or name");
        if (!set_meant(p, r))
            problem_set_remedy(p, rule);
    }
    if (!err) {
        faults.elsewhere = r->route->body;
        faults.elsewhere_detail = "belongs in the body of this request, not in its query";
        err = query_check(r->route->query, r->target.query, query, &faults, &fault);
        if (err)
            p = problem_new(PROBLEM_BAD_JSON, 0, "The request target is not well formed: %s", fault.text);
    }
    if (!err && lacks_token(r, query)) {
        p = no_token("A bearer token is needed to ask for one account");
        err = TGC_EINVAL;
    }
    if (!err && (r->route->body || r->route->body_any)) {
        faults.elsewhere = r->route->query;
        faults.elsewhere_detail = "belongs in the query of this request, not in its body";
        *ret_body = body_parse(r, &faults, &p);
        err = *ret_body || faults.found ? 0 : TGC_EINVAL;
    }
    if (!err && faults.found)
        err = TGC_EINVAL;
    if (err && !p) {
        p = faults.problem;
        faults.problem = NULL;
    }
    problem_free(faults.problem);
    *ret_err = err;
    return p;
}

static int answer(struct request *r)
{
    json_t *path = json_object(), *query = json_object(), *body = NULL;
    struct problem *p = NULL;
    int err = TGC_ENOMEM;

    if (path && query)
        p = judge_members(r, path, query, &body, &err);
    if (err) {
        err = reply_problem(r, p);
    } else if (r->route->does == ROUTE_HERE) {
        r->query = query;
        err = r->route->handler(r);
        r->query = NULL;
    } else {
        struct job_terms *terms;
        if (terms_read(r, body, &terms, &p)) {
            struct job *job = make_job(r, path, query, body);
            if (!job) {
                free(terms);
                return reply_problem(r, NULL);
            }
            job->terms = terms;
            return wait_begin(r, job);
        }
        err = reply_problem(r, p);
    }
    if (r->route->does == ROUTE_JOB)
        job_wipe_body(r->route->job, body);
    json_decref(path);
    json_decref(query);
    json_decref(body);
    return err;
}

/* The headers are in, the body is not. */
static int on_headers(struct request *r, const char *method, const char *version)
{
    http_request_make_id(r);
    r->is_old = strcmp(version, MHD_HTTP_VERSION_1_1) != 0;
    if (judge_bytes(r))
        judge_headers(r, method);
    r->state = REQUEST_BODY;
    if (body_is_announced_too_large(r)) {
        if (!r->refused)
            http_request_refuse(r, body_too_large(r));
        r->must_close = true;
    } else if (!r->must_close && (!r->refused || !http_request_header(r, "Expect"))) {
        /* A small body is read before any answer: answering before it would close the connection. */
        return 0;
    }
    struct problem *p = r->problem;
    r->problem = NULL;
    r->body_unread = true;
    return reply_problem(r, p);
}

static int on_end(struct request *r)
{
    (void)!judge_bytes(r);
    if (r->refused) {
        struct problem *p = r->problem;
        r->problem = NULL;
        return reply_problem(r, p);
    }
    if (guard_is_preflight(r))
        return reply_preflight(r);
    if (r->body_seen > r->api->config.body_max)
        return reply_problem(r, body_too_large(r));
    return answer(r);
}

enum MHD_Result handle_request(void *ctx, struct MHD_Connection *connection, const char *url, const char *method,
                               const char *version, const char *data, size_t *data_len, void **request)
{
    struct request *r = *request;
    int err = 0;

    if (!r)
        return MHD_NO;
    switch (r->state) {
    case REQUEST_FRESH:
        err = on_headers(r, method, version);
        break;
    case REQUEST_BODY:
        if (*data_len > 0) {
            err = body_feed(r, data, *data_len);
            /* It lies in the connection's memory, which libmicrohttpd keeps and does not look at again. */
            explicit_bzero((char *)(uintptr_t)data, *data_len);
            *data_len = 0;
        } else {
            err = on_end(r);
        }
        break;
    case REQUEST_ANSWERED:
        err = wait_finish(r);
        break;
    case REQUEST_WAITING:
    case REQUEST_DONE:
        break;
    }
    return err ? MHD_NO : MHD_YES;
}
