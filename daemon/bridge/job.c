#include "daemon/bridge/job.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/bridge/mailbox.h"

const char *job_method_text(enum job_method method)
{
    static const char *const names[] = {
#define X(name, text) text,
        JOB_METHODS(X)
#undef X
    };

    return (unsigned)method < JOB_METHOD_COUNT ? names[method] : "unknown";
}

struct job *job_new(enum job_method method, json_t *path, json_t *query, json_t *body)
{
    struct job *job = malloc(sizeof(*job)); /* not calloc(), which goes past the C library's cache of each thread */

    if (!job) {
        json_decref(path);
        json_decref(query);
        json_decref(body);
        return NULL;
    }
    *job = (struct job){.method = method};
    buf_init(&job->text, LIMIT_JSON_TEXT);
    rows_init(&job->rows, LIMIT_JSON_TEXT);
    job->path = path ? path : json_object();
    job->query = query ? query : json_object();
    job->body = body ? body : json_object();
    if (!job->path || !job->query || !job->body) {
        job_free(job);
        return NULL;
    }
    return job;
}

bool job_asks_telegram(enum job_method method)
{
    static const enum job_method methods[] = {
        JOB_CALL_CREATE,      JOB_CALL_START,         JOB_CALL_INVITE, JOB_CALL_INVITE_LINK,
        JOB_CALL_JOIN,        JOB_CALL_LEAVE,         JOB_CALL_CHECK,  JOB_CALL_MESSAGE,
        JOB_PEER_RTMP,        JOB_METHOD_INVOKE,      JOB_LOGIN,       JOB_LOGIN_CODE,
        JOB_LOGIN_RESEND,     JOB_LOGIN_REGISTRATION, JOB_LOGIN_EMAIL, JOB_LOGIN_CANCEL,
        JOB_LOGIN_EMAIL_CODE, JOB_LOGIN_PASSWORD,     JOB_LOGOUT,      JOB_SCHEDULE_CREATE,
        JOB_SCHEDULE_SKIP};

    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
        if (methods[i] == method)
            return true;
    return false;
}

static void wipe(const json_t *value)
{
    if (json_is_string(value))
        explicit_bzero((char *)(uintptr_t)json_string_value(value), json_string_length(value));
}

static void wipe_strings(json_t *object)
{
    const char *name;
    json_t *value;

    json_object_foreach (object, name, value) {
        wipe(value);
    }
}

/* Codes, passwords, sessions and proxies; jansson would leave them in freed memory. */
void job_wipe_body(enum job_method method, json_t *body)
{
    if (method >= JOB_LOGIN && method <= JOB_LOGIN_PASSWORD)
        wipe_strings(body);
    else if (method == JOB_ACCOUNT_CREATE)
        wipe_strings(json_object_get(body, "session"));
    if (method == JOB_ACCOUNT_CREATE || method == JOB_ACCOUNT_EDIT)
        wipe(json_object_get(body, "proxy"));
}

bool job_answer_is_secret(const struct job *job)
{
    enum job_method method = job->method;

    return job->is_secret || method == JOB_ACCOUNT_EXPORT || method == JOB_PEER_RTMP || method == JOB_TOKEN_CREATE ||
           method == JOB_WEBHOOK_CREATE || method == JOB_WEBHOOK_ROTATE;
}

void job_free(struct job *job)
{
    if (!job)
        return;
    job_wipe_body(job->method, job->body);
    json_decref(job->path);
    json_decref(job->query);
    json_decref(job->body);
    json_decref(job->accounts);
    if (job->terms)
        explicit_bzero(job->terms, sizeof(*job->terms));
    free(job->terms);
    problem_free(job->problem);
    if (job_answer_is_secret(job))
        buf_fini_secret(&job->text);
    else
        buf_fini(&job->text);
    rows_fini(&job->rows);
    for (size_t i = 0; i < job->events_n; i++)
        event_drop(job->events[i]);
    free(job->events);
    free(job);
}

void job_reply(struct job *job)
{
    if (job->mailbox)
        mailbox_answer(job->mailbox, job);
    else
        job->done(job);
}
